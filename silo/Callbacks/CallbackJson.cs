using DeployCard.Grains.Callbacks;

namespace DeployCard.Silo.Callbacks;

/// <summary>
/// A callback in the response of <c>GET /calls/{id}</c>. Excerpts of receivers' responses are shown only on the card: otherwise anyone with
/// an API key could read responses from hosts that only the silo can reach.
/// </summary>
internal sealed record CallbackJson(
    string Url,
    DateTimeOffset? DeliveredAt,
    DateTimeOffset? NextDeliveryAt,
    DateTimeOffset? AbandonedAt,
    IReadOnlyList<DeliveryJson> Deliveries
)
{
    public static CallbackJson? From(CallbackView? callback) =>
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
                        d.StartedAt,
                        (long)d.Duration.TotalMilliseconds,
                        d.StatusCode,
                        d.Error,
                        d.IsManual
                    )),
                ]
            );
}

/// <summary>A delivery of a callback, without the excerpt of its response.</summary>
internal sealed record DeliveryJson(int Number, DateTimeOffset StartedAt, long DurationMs, int? StatusCode, string? Error, bool IsManual);
