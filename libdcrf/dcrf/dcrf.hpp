#pragma once

/// @file
/// What applications declare: models, serializers, consumers, observers and views.
///
/// `<dcrf/server.hpp>` has the server besides, `<dcrf/testing/test_server.hpp>` what tests them
/// without one. Trees of JSON want `<nlohmann/json.hpp>`.

#include "dcrf/consumer/demultiplexer.hpp"
#include "dcrf/consumer/model_consumer.hpp"
#include "dcrf/consumer/presence.hpp"
#include "dcrf/observer/model_observer.hpp"
#include "dcrf/observer/signal.hpp"
#include "dcrf/serializer/clean.hpp"
#include "dcrf/serializer/link.hpp"
#include "dcrf/serializer/serializer.hpp"
#include "dcrf/view/api_view.hpp"
#include "dcrf/view/model_view_set.hpp"
#include "dcrf/view/plain_view.hpp"
#include "dcrf/view/view_as_consumer.hpp"
#include "dcrf/view/view_permission.hpp"
