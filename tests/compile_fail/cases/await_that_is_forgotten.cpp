// expect: write co_await before it
// expect: write co_await before it
// expect: a task yields its result when it is awaited
// expect: a row has a name before it is created
// expect: a row has a name before it is updated
#include "consumers.hpp"

struct forgetful
    : dcrf::model_consumer<forgetful, note, note_serializer, dcrf::crud, dcrf::observe_instance> {
  dcrf::task<> dropped() {
    repository<note>().remove(1);
    group_add("lobby");
    co_return;
  }
  dcrf::response unawaited(std::string text) {
    note draft{.text = std::move(text)};
    return dcrf::response::created(create<note_serializer>(draft));
  }
  void sent() {
    auto shown = serialize<note_serializer>(1);
    send(shown);
  }
  dcrf::task<dcrf::response> unnamed() {
    co_return dcrf::response::created(co_await create<note_serializer>(note{.text = "x"}));
  }
  dcrf::task<dcrf::response> unnamed_update() {
    co_return dcrf::response::ok(co_await update<note_serializer>(note{.text = "x"}));
  }
};
