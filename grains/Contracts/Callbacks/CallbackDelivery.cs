using System.Text.Json.Serialization;
using DeployCard.Common.Collections;

namespace DeployCard.Contracts.Callbacks;

/// <summary>A delivery in the history of a callback.</summary>
/// <param name="Number">Number among all deliveries of the call, starting with 1.</param>
/// <param name="StartedAt">Time when the delivery started, UTC.</param>
/// <param name="Duration">Time from the start to the result.</param>
/// <param name="StatusCode">HTTP status code of the receiver's response; null if the receiver did not respond.</param>
/// <param name="Error">Reason why the callback was not delivered, in a sentence; null if it was delivered.</param>
/// <param name="Excerpt">First 1 KiB of the response body as text; null if the body was empty or the receiver did not respond.</param>
/// <param name="IsManual">Whether a user requested the delivery.</param>
[GenerateSerializer, Alias("callback-delivery"), Immutable]
public sealed record CallbackDelivery(
    [property: Id(0)] int Number,
    [property: Id(1), JsonPropertyName("at")] DateTimeOffset StartedAt,
    [property: Id(2)] TimeSpan Duration,
    [property: Id(3)] int? StatusCode,
    [property: Id(4)] string? Error,
    [property: Id(5)] string? Excerpt,
    [property: Id(6)] bool IsManual
);

/// <summary>State of the callback of a call, as APIs show it.</summary>
/// <param name="Url">URL of the receiver.</param>
/// <param name="DeliveredAt">Time when the receiver accepted the callback, UTC; null if it was not accepted.</param>
/// <param name="NextDeliveryAt">
/// Time of the next delivery, UTC; while a delivery is running, the time of its repetition if no result is reported. Null if none is
/// planned.
/// </param>
/// <param name="AbandonedAt">Time when the callback was abandoned, UTC; null if it was not abandoned.</param>
/// <param name="Deliveries">The latest deliveries, at most 20, oldest first.</param>
[GenerateSerializer, Alias("callback-view"), Immutable]
public sealed record CallbackView(
    [property: Id(0)] Uri Url,
    [property: Id(1)] DateTimeOffset? DeliveredAt,
    [property: Id(2)] DateTimeOffset? NextDeliveryAt,
    [property: Id(3)] DateTimeOffset? AbandonedAt,
    [property: Id(4)] ValueList<CallbackDelivery> Deliveries
);
