namespace DeployCard.Grains.Callbacks;

/// <summary>One delivery of a callback, as it is remembered.</summary>
/// <param name="Number">1, 2, 3 … among all deliveries of the call.</param>
/// <param name="At">When it was begun, UTC.</param>
/// <param name="Duration">How long it took.</param>
/// <param name="StatusCode">The receiver's status code; null when it did not answer.</param>
/// <param name="Error">Why it is not delivered, in a sentence; null when it is.</param>
/// <param name="Excerpt">The first 1 KiB of the receiver's answer as text; null where there was none.</param>
/// <param name="IsManual">Whether a person asked for it.</param>
[GenerateSerializer, Alias("callback-delivery"), Immutable]
public sealed record CallbackDelivery(
    [property: Id(0)] int Number,
    [property: Id(1)] DateTimeOffset At,
    [property: Id(2)] TimeSpan Duration,
    [property: Id(3)] int? StatusCode,
    [property: Id(4)] string? Error,
    [property: Id(5)] string? Excerpt,
    [property: Id(6)] bool IsManual
);

/// <summary>How the telling of a call's end stands.</summary>
/// <param name="Url">Where it is told.</param>
/// <param name="DeliveredAt">When the receiver took it, UTC; null while it has not.</param>
/// <param name="NextDeliveryAt">When it is due next, UTC; while a delivery goes on, when the next one begins at the latest should nothing be heard of this one.</param>
/// <param name="AbandonedAt">When it was given up, UTC.</param>
/// <param name="Deliveries">The latest deliveries, oldest first.</param>
[GenerateSerializer, Alias("callback-view"), Immutable]
public sealed record CallbackView(
    [property: Id(0)] Uri Url,
    [property: Id(1)] DateTimeOffset? DeliveredAt,
    [property: Id(2)] DateTimeOffset? NextDeliveryAt,
    [property: Id(3)] DateTimeOffset? AbandonedAt,
    [property: Id(4)] IReadOnlyList<CallbackDelivery> Deliveries
);
