//! What each type of PostgreSQL becomes.

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, TimeUnit};
use penny_postgres::read::Options;

use super::{all, server};

/// One column of one value each: its type and the value.
async fn check(expression: &str, data_type: &DataType, expected: impl Fn(&ArrayRef) -> bool) {
    let (_server, client) = server().await;
    let sql = format!("SELECT {expression} AS a UNION ALL SELECT NULL");
    let (rows, batches) = all(&client, &sql, &Options::default()).await.unwrap();
    assert_eq!(rows.schema().field(0).data_type(), data_type, "{expression}");
    let column = batches[0].column(0);
    assert_eq!((column.len(), column.is_null(1)), (2, true), "{expression}");
    assert!(expected(column), "{expression}: {column:?}");
}

const INSTANT: TimeUnit = TimeUnit::Microsecond;

#[tokio::test]
async fn every_type_has_its_arrow_type_and_keeps_its_value() {
    let integer = |expected: i64| {
        move |column: &ArrayRef| column.as_primitive::<Int64Type>().value(0) == expected
    };
    check("32767::int2", &DataType::Int64, integer(32_767)).await;
    check("(-2147483648)::int4", &DataType::Int64, integer(-2_147_483_648)).await;
    check("9223372036854775807::int8", &DataType::Int64, integer(i64::MAX)).await;

    let float = |expected: f64| {
        move |column: &ArrayRef| {
            column.as_primitive::<Float64Type>().value(0).to_bits() == expected.to_bits()
        }
    };
    check("1234567.89::numeric(18, 2)", &DataType::Float64, float(1_234_567.89)).await;
    check("(-0.01)::numeric", &DataType::Float64, float(-0.01)).await;
    check("0.1::float8 + 0.2::float8", &DataType::Float64, float(0.1 + 0.2)).await;
    check("1.5::float4", &DataType::Float64, float(1.5)).await;
    check("'Infinity'::float8", &DataType::Float64, float(f64::INFINITY)).await;
    check("'NaN'::numeric", &DataType::Float64, |column| {
        column.as_primitive::<Float64Type>().value(0).is_nan()
    })
    .await;

    check("true", &DataType::Boolean, |column| column.as_boolean().value(0)).await;
    check("false", &DataType::Boolean, |column| !column.as_boolean().value(0)).await;

    let text = |expected: &'static str| {
        move |column: &ArrayRef| column.as_string::<i32>().value(0) == expected
    };
    check("'401LÉGAL €'::text", &DataType::Utf8, text("401LÉGAL €")).await;
    check("'0401'::varchar(20)", &DataType::Utf8, text("0401")).await;
    check("'FR'::char(4)", &DataType::Utf8, text("FR  ")).await;
    check("'nom'::name", &DataType::Utf8, text("nom")).await;
    check("''::text", &DataType::Utf8, text("")).await;
    check("E'a\\tb\\nc\\\\'::text", &DataType::Utf8, text("a\tb\nc\\")).await;
    check("'{\"a\": 1}'::jsonb", &DataType::Utf8, text("{\"a\": 1}")).await;
    check("'{\"a\":1}'::json", &DataType::Utf8, text("{\"a\":1}")).await;
    check("'1 day'::interval", &DataType::Utf8, text("1 day")).await;
    check("ARRAY[1, 2]", &DataType::Utf8, text("{1,2}")).await;

    let day = |expected: i32| {
        move |column: &ArrayRef| column.as_primitive::<Date32Type>().value(0) == expected
    };
    check("'2026-10-15'::date", &DataType::Date32, day(20_741)).await;
    check("'0044-03-15 BC'::date", &DataType::Date32, day(-735_160)).await;

    let instant = |expected: i64| {
        move |column: &ArrayRef| {
            column.as_primitive::<TimestampMicrosecondType>().value(0) == expected
        }
    };
    let plain = DataType::Timestamp(INSTANT, None);
    check("'2026-10-15 12:30:45.123456'::timestamp", &plain, instant(1_792_067_445_123_456)).await;
    let utc = DataType::Timestamp(INSTANT, Some("UTC".into()));
    check("'2026-10-15 14:30:45.5+02'::timestamptz", &utc, instant(1_792_067_445_500_000)).await;
}

#[tokio::test]
async fn a_time_zone_of_the_session_does_not_move_an_instant() {
    let (_server, client) = server().await;
    for zone in ["Europe/Paris", "Asia/Kolkata", "America/St_Johns", "UTC"] {
        client
            .batch_execute(&format!("SET TimeZone TO '{zone}'; SET DateStyle TO 'SQL, DMY'"))
            .await
            .unwrap();
        let sql = "SELECT '2026-07-01 00:00:00+00'::timestamptz AS a, '2026-07-01'::date AS b";
        let (_, batches) = all(&client, sql, &Options::default()).await.unwrap();
        let instant = batches[0].column(0).as_primitive::<TimestampMicrosecondType>().value(0);
        assert_eq!(instant, 1_782_864_000_000_000, "{zone}");
        assert_eq!(batches[0].column(1).as_primitive::<Date32Type>().value(0), 20_635, "{zone}");
    }
}

/// The server itself counts, on dates from before Christ to the end of its calendar.
#[tokio::test]
async fn dates_and_timestamps_agree_with_the_servers_own_count() {
    let (_server, client) = server().await;
    let sql = "SELECT d AS day, d - '1970-01-01'::date AS days, d + '13:14:15.000016'::time AS instant, \
               ((d - '1970-01-01'::date)::int8 * 86400 + 47655) * 1000000 + 16 AS microseconds \
               FROM (SELECT '4713-01-01 BC'::date + n * 997 AS d FROM generate_series(0, 40000) AS n) AS dates";
    let (_, batches) = all(&client, sql, &Options::default()).await.unwrap();
    let mut count = 0;
    for batch in &batches {
        let days = batch.column(0).as_primitive::<Date32Type>();
        let instants = batch.column(2).as_primitive::<TimestampMicrosecondType>();
        for row in 0..batch.num_rows() {
            let counted =
                |column: usize| batch.column(column).as_primitive::<Int64Type>().value(row);
            assert_eq!(i64::from(days.value(row)), counted(1));
            assert_eq!(instants.value(row), counted(3));
            count += 1;
        }
    }
    assert_eq!(count, 40_001);
}

#[tokio::test]
async fn infinite_dates_are_null_with_a_warning() {
    let (_server, client) = server().await;
    let sql = "SELECT 'infinity'::date AS fin, '-infinity'::timestamp AS debut, '294276-12-31'::timestamp AS loin, \
               '2026-10-15'::date AS jour FROM generate_series(1, 3)";
    let (rows, batches) =
        all(&client, sql, &Options { batch_rows: 2, ..Options::default() }).await.unwrap();
    assert_eq!(batches.iter().map(|batch| batch.column(0).null_count()).sum::<usize>(), 3);
    assert_eq!(batches[0].column(3).null_count(), 0);
    let warning = |column| format!("column `{column}`: 3 infinite values became empty (NULL)");
    assert_eq!(rows.warnings(), ["fin", "debut", "loin"].map(warning));
}

#[tokio::test]
async fn no_row_still_gives_the_columns() {
    let (_server, client) = server().await;
    let sql = "SELECT 1::int8 AS id, now() AS at, ''::text AS label WHERE false";
    let (rows, batches) = all(&client, sql, &Options::default()).await.unwrap();
    assert!(batches.is_empty());
    let fields: Vec<_> = rows.schema().fields().iter().map(|field| field.name().clone()).collect();
    assert_eq!(fields, ["id", "at", "label"]);
    assert!(rows.warnings().is_empty());
}

#[tokio::test]
async fn a_whole_table_of_nulls_has_its_types() {
    let (_server, client) = server().await;
    let sql = "SELECT NULL::int4 AS a, NULL::numeric AS b, NULL::date AS c, NULL::timestamptz AS d, NULL::bool AS e, \
               NULL AS f FROM generate_series(1, 100)";
    let (rows, batches) = all(&client, sql, &Options::default()).await.unwrap();
    assert!(batches[0].columns().iter().all(|column| column.null_count() == 100));
    assert_eq!(*rows.schema().field(5).data_type(), DataType::Utf8);
}

#[tokio::test]
async fn views_enums_and_domains_are_read() {
    let (_server, client) = server().await;
    client
        .batch_execute(
            "CREATE TYPE pg_temp.etat AS ENUM ('brouillon', 'payée'); CREATE DOMAIN pg_temp.montant AS numeric; \
             CREATE TEMP VIEW factures AS SELECT 'payée'::pg_temp.etat AS etat, 12.5::pg_temp.montant AS montant",
        )
        .await
        .unwrap();
    let (_, batches) = all(&client, "SELECT * FROM factures", &Options::default()).await.unwrap();
    assert_eq!(batches[0].column(0).as_string::<i32>().value(0), "payée");
    assert!(
        batches[0].column(1).as_primitive_opt::<Float64Type>().is_some(),
        "a domain is its base type"
    );
}
