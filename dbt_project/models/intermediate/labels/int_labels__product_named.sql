-- Grain: one row per (dimension, code) that the product itself names.
with

code_labels as (

    select * from {{ ref('code_labels') }}

),

outcomes as (

    select * from {{ ref('call_outcomes') }}

),

anomalies as (

    select * from {{ ref('row_anomalies') }}

)

select
    dimension,
    code,
    label_zh,
    label_en
from code_labels

union all

select
    'outcome' as dimension,
    outcome as code,
    label_zh,
    label_en
from outcomes

union all

select
    'anomaly' as dimension,
    anomaly as code,
    label_zh,
    label_en
from anomalies
