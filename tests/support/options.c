#include "tests/support/options.h"

#include <string.h>

void *option_field(const struct hg_option *o, struct hg_train_options *options)
{
    return (char *)options + o->offset;
}

bool option_is_whole(const struct hg_option *o)
{
    return o->kind == HG_OPTION_SIZE || o->kind == HG_OPTION_SEED || o->kind == HG_OPTION_INT;
}

void option_set_whole(const struct hg_option *o, struct hg_train_options *options, uint64_t value)
{
    if (o->kind == HG_OPTION_SIZE)
        *(size_t *)option_field(o, options) = (size_t)value;
    else if (o->kind == HG_OPTION_SEED)
        *(uint64_t *)option_field(o, options) = value;
    else
        *(int *)option_field(o, options) = (int)value;
}

uint64_t option_largest_whole(const struct hg_option *o)
{
    return o->most > 0 ? (uint64_t)o->most : (uint64_t)1 << 53;
}

void option_set_choice(const struct hg_option *o, struct hg_train_options *options, unsigned choice)
{
    memcpy(option_field(o, options), &choice, sizeof choice);
}
