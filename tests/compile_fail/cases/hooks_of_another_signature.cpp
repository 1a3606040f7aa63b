// expect: `connected` hides the hook
// expect: `after_create` hides the hook
// expect: `queryset` hides the hook
// expect: `perform_create` hides the hook
// expect: those of a model_consumer are
// expect: which rows there are says `queryset`
#include "consumers.hpp"

struct connecting : dcrf::api_consumer<connecting> {
  dcrf::task<> connected(const dcrf::scope&) { return {}; }
};

struct after : dcrf::model_consumer<after, note, note_serializer> {
  dcrf::task<> after_create(const dcrf::instance&) { return {}; }
};

class queried : public dcrf::model_consumer<queried, note, note_serializer> {
protected:
  dcrf::query<note> queryset(dcrf::request&) const { return {}; }
};

struct before : dcrf::model_consumer<before, note, note_serializer> {
  dcrf::task<> perform_create(note&, dcrf::request&) { return {}; }
};

struct destroying : dcrf::model_consumer<destroying, note, note_serializer> {
  dcrf::task<> perform_destroy(const dcrf::instance&, dcrf::request&) { return {}; }
};

struct getting : dcrf::model_consumer<getting, note, note_serializer> {
  dcrf::query<note> get_queryset() const { return {}; }
};

const auto& a = connecting::describe();
const auto& b = after::describe();
const auto& c = queried::describe();
const auto& d = before::describe();
const auto& e = destroying::describe();
const auto& f = getting::describe();
