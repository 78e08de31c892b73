/* Trains the Swish classifier on a directory of MNIST, NPY or CSV files and tells how good it gets:
 *
 *   cc train_mlp.c $(pkg-config --cflags --libs handgrad) -o train_mlp && ./train_mlp data/mnist 3 */
#include <handgrad/train.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: train_mlp DIR [EPOCHS]\n");
        return HG_USAGE;
    }
    struct hg_train_options options;
    hg_train_options_default(&options, HG_MLP);
    if (argc > 2)
        options.epochs = strtoul(argv[2], NULL, 10);

    struct hg_dataset *train = NULL, *test = NULL;
    struct hg_trainer *trainer = NULL;
    struct hg_metrics metrics;
    enum hg_status status = hg_dataset_load(&train, argv[1], HG_TRAIN);
    if (status == HG_OK)
        status = hg_dataset_load(&test, argv[1], HG_TEST);
    if (status == HG_OK)
        status = hg_trainer_create(&trainer, &options, train, test);
    while (status == HG_OK && !hg_trainer_finished(trainer)) {
        status = hg_trainer_epoch(trainer, NULL, NULL, &metrics);
        if (status == HG_OK)
            printf("epoch %zu: training loss %.4f, test accuracy %.2f %%\n", metrics.epoch, metrics.train_loss,
                   100 * metrics.test_accuracy);
    }
    if (status != HG_OK)
        fprintf(stderr, "train_mlp: %s\n", hg_message());
    hg_trainer_free(trainer);
    hg_dataset_free(test);
    hg_dataset_free(train);
    return (int)status;
}
