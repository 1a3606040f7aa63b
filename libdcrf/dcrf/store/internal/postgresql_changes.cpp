#include "dcrf/store/internal/postgresql_changes.hpp"

#include "dcrf/store/internal/connection.hpp"

#include <fmt/format.h>

namespace dcrf::internal::postgresql {

namespace {

// Nodes commit the commands of several clients together, each within a savepoint, and these are
// told apart by the rows' xmin.
//
// The version is taken while the row is locked, from the sequence of all nodes: it orders the
// changes of a row. `xid` says whether a transaction that has looked before could see the change.
constexpr std::string_view change_table =
    "CREATE TABLE IF NOT EXISTS dcrf_change ("
    "version bigint PRIMARY KEY DEFAULT nextval('dcrf_version'), "
    "xid xid8 NOT NULL DEFAULT pg_current_xact_id(), "
    "at timestamp with time zone NOT NULL DEFAULT clock_timestamp(), "
    "node text, \"table\" text NOT NULL, before text, after text, "
    "is_separate boolean NOT NULL DEFAULT coalesce(current_setting('dcrf.savepoints', true), '') "
    "= 'are separate')";

// Other programs may have no right to write into the table themselves.
//
// A row is noted as the text of all its columns, which is exact if it is written and read under the
// same settings.
constexpr std::string_view note_change =
    "CREATE OR REPLACE FUNCTION dcrf_note_change() RETURNS trigger LANGUAGE plpgsql "
    "SECURITY DEFINER SET search_path FROM CURRENT SET TimeZone = 'UTC' SET DateStyle = 'ISO, YMD' "
    "SET extra_float_digits = 3 AS $$ BEGIN "
    "IF current_setting('dcrf.node', true) = 'announces itself' THEN RETURN NULL; END IF; "
    "INSERT INTO dcrf_change (node, \"table\", before, after) "
    "VALUES (current_setting('dcrf.node', true), TG_TABLE_NAME, "
    "CASE WHEN TG_OP <> 'INSERT' THEN OLD::text END, "
    "CASE WHEN TG_OP <> 'DELETE' THEN NEW::text END); "
    "PERFORM pg_notify('dcrf_change', ''); RETURN NULL; END $$";

constexpr std::string_view note_truncation =
    "CREATE OR REPLACE FUNCTION dcrf_note_truncation() RETURNS trigger LANGUAGE plpgsql "
    "SECURITY DEFINER SET search_path FROM CURRENT SET TimeZone = 'UTC' SET DateStyle = 'ISO, YMD' "
    "SET extra_float_digits = 3 AS $$ BEGIN "
    "IF current_setting('dcrf.node', true) = 'announces itself' THEN RETURN NULL; END IF; "
    "EXECUTE format('INSERT INTO dcrf_change (node, \"table\", before) "
    "SELECT current_setting(''dcrf.node'', true), %L, t::text FROM %I.%I AS t', "
    "TG_TABLE_NAME, TG_TABLE_SCHEMA, TG_TABLE_NAME); "
    "PERFORM pg_notify('dcrf_change', ''); RETURN NULL; END $$";

// A single row: what names the database to its readers, and the last transaction whose changes were
// deleted. Who has not seen that one may have missed something.
constexpr std::string_view feed_table =
    "CREATE TABLE IF NOT EXISTS dcrf_feed ("
    "is_the_only boolean PRIMARY KEY DEFAULT true CHECK (is_the_only), "
    "id uuid NOT NULL DEFAULT gen_random_uuid(), pruned xid8)";

constexpr std::string_view prune_changes =
    "CREATE OR REPLACE FUNCTION dcrf_prune_changes(older interval) RETURNS bigint LANGUAGE sql "
    "SET search_path FROM CURRENT AS $$ "
    "WITH gone AS (DELETE FROM dcrf_change WHERE at < now() - older RETURNING xid), "
    "noted AS (UPDATE dcrf_feed SET pruned = greatest(pruned, "
    "(SELECT xid FROM gone ORDER BY xid DESC LIMIT 1)) WHERE EXISTS (SELECT FROM gone)) "
    "SELECT count(*) FROM gone $$";

std::string marked(const std::string& node) { return node.empty() ? "announces itself" : node; }

} // namespace

void prepare_change_table(connection& sql) {
  sql.execute(change_table);
  sql.execute("CREATE INDEX IF NOT EXISTS dcrf_change_xid ON dcrf_change (xid)");
  sql.execute("CREATE INDEX IF NOT EXISTS dcrf_change_at ON dcrf_change (at)");
  sql.execute(note_change);
  sql.execute(note_truncation);
  sql.execute(feed_table);
  sql.execute("INSERT INTO dcrf_feed DEFAULT VALUES ON CONFLICT DO NOTHING");
  sql.execute(prune_changes);
}

void watch_table(connection& sql, const std::string& table) {
  value name = quoted_name(table);
  if (sql.exists("SELECT 1 FROM pg_trigger WHERE tgname = 'dcrf_note_change' "
                 "AND tgrelid = to_regclass(CAST(:p1 AS text))",
                 {&name, 1})) {
    return;
  }
  sql.execute(fmt::format("CREATE TRIGGER dcrf_note_change AFTER INSERT OR UPDATE OR DELETE ON {} "
                          "FOR EACH ROW EXECUTE FUNCTION dcrf_note_change()",
                          quoted_name(table)));
  sql.execute(fmt::format("CREATE TRIGGER dcrf_note_truncation BEFORE TRUNCATE ON {} "
                          "FOR EACH STATEMENT EXECUTE FUNCTION dcrf_note_truncation()",
                          quoted_name(table)));
}

void mark_own_changes_here(connection& sql, const std::string& node) {
  value name = marked(node);
  sql.each("SELECT set_config('dcrf.node', :p1, true)", {&name, 1}, [](const statement&) {});
}

void mark_own_changes(connection& sql, const std::string& node) {
  sql.execute(fmt::format("SET dcrf.node = {}", quoted_text(marked(node))));
}

} // namespace dcrf::internal::postgresql
