// expect: with columns that must be given: .add.key, link.
// expect: wants two foreign keys of one model
// expect: wants two foreign keys of one model
// expect: the constraints of a model are unique_together<> and check<>
#include "dcrf/runtime/repository.hpp"

#include "models.hpp"

struct letter {
  std::int64_t id{};
  std::int64_t note{};
  std::int64_t person{};
  std::string stamp;
};
BOOST_DESCRIBE_STRUCT(letter, (), (id, note, person, stamp))

struct box {
  std::int64_t id{};
  dcrf::many_to_many<person> people;
};
BOOST_DESCRIBE_STRUCT(box, (), (id, people))
struct bag {
  std::int64_t id{};
  dcrf::many_to_many<person> people;
};
BOOST_DESCRIBE_STRUCT(bag, (), (id, people))
struct pile {
  std::int64_t id{};
  dcrf::many_to_many<person> people;
};
BOOST_DESCRIBE_STRUCT(pile, (), (id, people))
struct heap {
  std::int64_t id{};
};
BOOST_DESCRIBE_STRUCT(heap, (), (id))
struct slip {
  std::int64_t id{};
  std::int64_t pile{};
  std::int64_t person{};
  std::string stamp;
};
BOOST_DESCRIBE_STRUCT(slip, (), (id, pile, person, stamp))

template <>
struct dcrf::model<letter> {
  static constexpr auto table = "letter";
  using primary_key = dcrf::primary_key<&letter::id>;
  using fields = dcrf::fields<dcrf::foreign_key<&letter::note, note, dcrf::on_delete::cascade>,
                              dcrf::foreign_key<&letter::person, person, dcrf::on_delete::cascade>>;
};
template <>
struct dcrf::model<box> {
  static constexpr auto table = "box";
  using primary_key = dcrf::primary_key<&box::id>;
  using fields =
      dcrf::fields<dcrf::relation<&box::people, dcrf::through<&letter::note, &letter::person>>>;
};
template <>
struct dcrf::model<bag> {
  static constexpr auto table = "bag";
  using primary_key = dcrf::primary_key<&bag::id>;
  using fields =
      dcrf::fields<dcrf::relation<&bag::people, dcrf::through<&letter::id, &letter::person>>>;
};
template <>
struct dcrf::model<pile> {
  static constexpr auto table = "pile";
  using primary_key = dcrf::primary_key<&pile::id>;
  using fields =
      dcrf::fields<dcrf::relation<&pile::people, dcrf::through<&slip::pile, &slip::person>>>;
};
template <>
struct dcrf::model<slip> {
  static constexpr auto table = "slip";
  using primary_key = dcrf::primary_key<&slip::id>;
  using fields = dcrf::fields<dcrf::foreign_key<&slip::pile, pile, dcrf::on_delete::cascade>,
                              dcrf::foreign_key<&slip::person, person, dcrf::on_delete::cascade>>;
};
template <>
struct dcrf::model<heap> {
  static constexpr auto table = "heap";
  using primary_key = dcrf::primary_key<&heap::id>;
  using constraints = dcrf::constraints<dcrf::unique>;
};

const auto& of_box = dcrf::model_of<box>();
const auto& of_bag = dcrf::model_of<bag>();
auto add(const dcrf::related_rows<&pile::people>& people) { return people.add(1); }
const auto& of_heap = dcrf::model_of<heap>();
