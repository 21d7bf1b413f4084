using DeployCard.Grains.Callbacks;

namespace DeployCard.GraphQL.AsyncCalls;

/// <summary>How the end of a call is told to the address that its caller gave in <c>X-Callback-Url</c>. It never changes the call's status or result.</summary>
/// <param name="Url">Where it is told.</param>
/// <param name="DeliveredAt">When the receiver took it; null while it has not.</param>
/// <param name="NextDeliveryAt">When it is sent next; while a delivery goes on, when it is repeated at the latest should nothing be heard of it.</param>
/// <param name="AbandonedAt">When it was given up, after a day or because the receiver is gone (410); <c>redeliverCallback</c> still sends it.</param>
/// <param name="Deliveries">The last 20 deliveries, oldest first.</param>
public sealed record Callback(
    Uri Url,
    DateTimeOffset? DeliveredAt,
    DateTimeOffset? NextDeliveryAt,
    DateTimeOffset? AbandonedAt,
    IReadOnlyList<Delivery> Deliveries
)
{
    internal static Callback? Of(CallbackView? callback) =>
        callback is null
            ? null
            : new(
                callback.Url,
                callback.DeliveredAt,
                callback.NextDeliveryAt,
                callback.AbandonedAt,
                [.. callback.Deliveries.Select(d => new Delivery(d.Number, d.At, d.Duration, d.StatusCode, d.Error, d.Excerpt, d.IsManual))]
            );
}

/// <summary>One delivery of a callback.</summary>
/// <param name="Number">1, 2, 3 … among all deliveries of the call.</param>
/// <param name="StartedAt">When it was begun.</param>
/// <param name="Duration">How long it took.</param>
/// <param name="StatusCode">The receiver's status code; null when it did not answer.</param>
/// <param name="Error">Why it is not delivered, in a sentence; null when it is.</param>
/// <param name="ResponseExcerpt">The first 1 KiB of the receiver's answer as text, control characters replaced; null where there was none.</param>
/// <param name="IsManual">Whether a person asked for it.</param>
public sealed record Delivery(
    int Number,
    DateTimeOffset StartedAt,
    TimeSpan Duration,
    int? StatusCode,
    string? Error,
    string? ResponseExcerpt,
    bool IsManual
);
