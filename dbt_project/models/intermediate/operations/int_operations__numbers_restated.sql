-- Grain: one row per restatement_id.
with

restatements as (

    select * from {{ ref('stg_operations__restatements') }}

)

select
    *,
    (new_value - old_value)::decimal(28, 6) as change_value
from restatements
