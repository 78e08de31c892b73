/* All that training takes: options, a trainer, its run directory, the model that comes of it. */
#ifndef HANDGRAD_TRAIN_H
#define HANDGRAD_TRAIN_H

#include "handgrad/dataset.h"
#include "handgrad/machine.h"
#include "handgrad/model.h"
#include "handgrad/options.h"
#include "handgrad/run.h"
#include "handgrad/status.h"
#include "handgrad/trainer.h"

#endif
