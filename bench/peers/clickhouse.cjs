// Reads orders with ClickHouse, as the library chDB, and writes customers.json and
// items.json, a row a line.
//
//   node clickhouse.cjs INPUT OUTDIR
//
// THREADS is how many threads it may use (2 if not said).
//
// The orders go to a table in memory first: reading the file once for each output
// takes longer.

const { query } = require("chdb");

const text = (value) => `'${value.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;

function main([input, folder]) {
  if (input === "--version") {
    console.log(query("SELECT version()", "TSV").trim());
    return;
  }
  const threads = process.env.THREADS ?? "2";
  const settings = `SETTINGS max_threads = ${threads}, max_parsing_threads = ${threads},
    input_format_skip_unknown_fields = 1`;
  query(`
    CREATE TABLE orders ENGINE = Memory AS
    SELECT _row_number AS id, phone, name, items.name AS names, items.price AS prices
    FROM file(${text(input)}, JSONEachRow,
      'phone String, name Nullable(String), items Array(Tuple(name String, price Float64))')
    ${settings}`);
  query(`
    SELECT phone, ifNull(argMaxIf(name, id, name != ''), 'Unknown') AS name
    FROM orders
    GROUP BY phone
    INTO OUTFILE ${text(`${folder}/customers.json`)} FORMAT JSONEachRow
    ${settings}`);
  query(`
    SELECT name, argMax(price, id) AS price, count() AS orders
    FROM (SELECT id, names, prices FROM orders)
    ARRAY JOIN names AS name, prices AS price
    GROUP BY name
    INTO OUTFILE ${text(`${folder}/items.json`)} FORMAT JSONEachRow
    ${settings}`);
}

main(process.argv.slice(2));
