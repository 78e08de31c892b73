/* Writes a trained model as a file of another program, ONNX, safetensors, NPZ or a C header, by the ending of its name:
 *
 *   cc export_model.c $(pkg-config --cflags --libs handgrad) -o export_model && ./export_model runs/mlp digits.onnx */
#include <handgrad/export.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: export_model RUN FILE\n");
        return HG_USAGE;
    }
    char *note = NULL;
    const enum hg_status status = hg_export(&note, argv[1], argv[2], NULL);
    if (status != HG_OK)
        fprintf(stderr, "export_model: %s\n", hg_message());
    else if (note)
        printf("%s\n", note);
    free(note);
    return (int)status;
}
