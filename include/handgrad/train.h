/* Everything that training needs: options, a trainer, its run directory, the trained model. */
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
