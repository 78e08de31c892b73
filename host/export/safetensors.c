/* The weights as they are in model.safetensors: under PyTorch's names, in float32, whatever file they came from. */
#include "host/export/export.h"

enum hg_status hg_export_safetensors(const char *out, const struct hg_export_model *model)
{
    return hg_model_file_write(out, &model->info, model->values);
}
