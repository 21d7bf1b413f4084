using System.Globalization;
using System.Threading.RateLimiting;

namespace DeployCard.Silo.Gateway;

/// <summary>Rates as token buckets: the bucket is full at first, each request takes a token, and tokens come back evenly.</summary>
internal static class Rates
{
    /// <summary>A limiter for so many requests each second; null where there is no bound.</summary>
    /// <param name="perSecond">Requests each second on average, from 0.01; 0 for no bound.</param>
    /// <param name="burst">The size of the bucket; 0 for one second's worth, at least one.</param>
    public static TokenBucketRateLimiter? Of(double perSecond, int burst) => perSecond <= 0 ? null : new(new()
    {
        TokenLimit = Size(perSecond, burst),
        TokensPerPeriod = 1,
        ReplenishmentPeriod = TimeSpan.FromSeconds(1 / perSecond),
        QueueLimit = 0,
        // Tokens come back when somebody asks: exactly, and without a timer for each deployment and key.
        AutoReplenishment = false,
    });

    /// <summary>How many tokens the bucket holds.</summary>
    public static int Size(double perSecond, int burst) => burst > 0 ? burst : Math.Max(1, (int)Math.Ceiling(perSecond));

    /// <summary>Takes a token for a request, and tells the client how many are left. Null where there was one.</summary>
    /// <param name="context">The request.</param>
    /// <param name="limiter">The limiter.</param>
    /// <param name="of">What it limits, as the client is told: <c>deployment</c> or <c>key</c>.</param>
    /// <param name="perSecond">Its rate.</param>
    /// <param name="size">The size of its bucket.</param>
    public static GatewayProblem? Take(HttpContext context, TokenBucketRateLimiter limiter, string of, double perSecond, int size)
    {
        limiter.TryReplenish();
        using var lease = limiter.AttemptAcquire(1);
        var pause = lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : TimeSpan.Zero;
        var left = limiter.GetStatistics()?.CurrentAvailablePermits ?? 0;
        // The fields of draft-ietf-httpapi-ratelimit-headers: the size of the bucket (q) and how long a whole one takes to come back (w);
        // what is left of it (r) and when there is more (t), in seconds.
        context.Response.Headers.Append("RateLimit-Policy", string.Create(CultureInfo.InvariantCulture, $"\"{of}\";q={size};w={Seconds(size / perSecond)}"));
        context.Response.Headers.Append("RateLimit", string.Create(CultureInfo.InvariantCulture, $"\"{of}\";r={left};t={Seconds(Math.Max(pause.TotalSeconds, 1 / perSecond))}"));
        return lease.IsAcquired ? null : GatewayProblem.TooManyRequests(of, perSecond, size, TimeSpan.FromSeconds(Seconds(pause.TotalSeconds)));
    }

    private static long Seconds(double seconds) => Math.Max(1, (long)Math.Ceiling(seconds));
}
