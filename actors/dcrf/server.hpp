#pragma once

/// @file
/// All that a program needs that serves consumers and views: what it declares, and the server.

#include "dcrf/actors/config.hpp"
#include "dcrf/actors/server.hpp"
#include "dcrf/dcrf.hpp"
