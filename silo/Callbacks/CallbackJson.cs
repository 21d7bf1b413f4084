using DeployCard.Grains.Callbacks;

namespace DeployCard.Silo.Callbacks;

/// <summary>
/// A callback as <c>GET /calls/{id}</c> tells it. What receivers answered is left to the card: whoever holds a key could else read what the silo
/// can reach.
/// </summary>
internal sealed record CallbackJson(
    string Url,
    DateTimeOffset? DeliveredAt,
    DateTimeOffset? NextDeliveryAt,
    DateTimeOffset? AbandonedAt,
    IReadOnlyList<DeliveryJson> Deliveries
)
{
    public static CallbackJson? Of(CallbackView? callback) =>
        callback is null
            ? null
            : new(
                callback.Url.OriginalString,
                callback.DeliveredAt,
                callback.NextDeliveryAt,
                callback.AbandonedAt,
                [
                    .. callback.Deliveries.Select(d => new DeliveryJson(
                        d.Number,
                        d.At,
                        (long)d.Duration.TotalMilliseconds,
                        d.StatusCode,
                        d.Error,
                        d.IsManual
                    )),
                ]
            );
}

/// <summary>One delivery.</summary>
internal sealed record DeliveryJson(int Number, DateTimeOffset StartedAt, long DurationMs, int? StatusCode, string? Error, bool IsManual);
