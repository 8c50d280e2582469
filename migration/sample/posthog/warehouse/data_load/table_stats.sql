-- filled in by saved_query_service.stats_sql
SELECT
    '{name}' AS table_name,
    count() AS row_count,
    max(_timestamp) AS newest
FROM s3('{url_pattern}', '{format}')
