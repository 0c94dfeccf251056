-- Grain: one row per alert_id.
with

source as (

    select * from {{ source('operations', 'alerts') }}

),

renamed as (

    select
        alert_id,
        rule_id,
        rule_hash,
        mode as rule_mode,
        severity,
        metric as metric_id,
        dimensions,
        grain,
        period as period_key,
        k as event_count,
        n as sample_count,
        value::decimal(28, 6) as metric_value,
        low::decimal(28, 6) as low_value,
        high::decimal(28, 6) as high_value,
        threshold::decimal(28, 6) as threshold_value,
        expected::decimal(28, 6) as expected_value,
        money::decimal(18, 4) as money_amount,
        state,
        cause as causes,
        first_seen_at,
        last_seen_at,
        acknowledged_at,
        acknowledged_by,
        resolved_at,
        owner
    from source

)

select * from renamed
