// expect: what an update changes is dcrf::set<&model::member>
// expect: at_version<&model::member>.x. says which one an update is meant for
// expect: this time is set by itself at each save
// expect: is computed from columns of the same model, and of numbers of its own kind
// expect: is computed from columns of the same model, and of numbers of its own kind
// expect: at_version<&model::member> wants the member that the model declares as
// expect: the store counts a version, and the input says which one an update is meant for
// expect: the product of decimals has more places than its column
#include "dcrf/runtime/repository.hpp"
#include "dcrf/serializer/validated.hpp"

#include "models.hpp"

struct stock {
  std::int64_t id{};
  std::string name;
  std::int32_t number{};
  double weight{};
  dcrf::decimal price;
  dcrf::timestamp saved_at;
  std::int64_t revision{};
};
BOOST_DESCRIBE_STRUCT(stock, (), (id, name, number, weight, price, saved_at, revision))

template <>
struct dcrf::model<stock> {
  static constexpr auto table = "stock";
  using primary_key = dcrf::primary_key<&stock::id>;
  using fields = dcrf::fields<dcrf::field<&stock::price, dcrf::digits<8, 2>>,
                              dcrf::auto_now<&stock::saved_at>, dcrf::version<&stock::revision>>;
};

auto version = dcrf::set<&stock::revision>(1);
auto time_of_save = dcrf::set<&stock::saved_at>({});
auto mixed = dcrf::set<&stock::number>(dcrf::column<&stock::weight> + 1);
auto of_another = dcrf::set<&stock::number>(dcrf::column<&note::author>);
auto no_version = dcrf::at_version<&stock::number>(1);
auto other_model(const dcrf::repository<note>& notes) {
  return notes.update(1, dcrf::set<&stock::number>(1));
}
auto product = dcrf::column<&stock::price> * 2;
void prepare(dcrf::validated<stock>& data) { data.set<&stock::revision>(1); }
