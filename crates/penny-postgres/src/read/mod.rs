//! Reading the result of a query as Arrow, from PostgreSQL or Redshift.
