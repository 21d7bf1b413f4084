using System.Globalization;
using System.Threading.RateLimiting;

namespace DeployCard.Silo.Gateway;

/// <summary>A rate of requests as a token bucket: it is full at first, each request takes a token, and tokens come back evenly.</summary>
internal sealed class RequestRate
{
    private readonly TokenBucketRateLimiter limiter;
    private readonly string of;
    private readonly double perSecond;
    private readonly int size;

    private RequestRate(TokenBucketRateLimiter limiter, string of, double perSecond, int size) =>
        (this.limiter, this.of, this.perSecond, this.size) = (limiter, of, perSecond, size);

    /// <summary>A rate of so many requests each second; null where there is no bound.</summary>
    /// <param name="of">What it limits, as the client is told: <c>deployment</c> or <c>key</c>.</param>
    /// <param name="perSecond">Requests each second on average, from 0.01; 0 for no bound.</param>
    /// <param name="burst">How many tokens the bucket holds; 0 for one second's worth, at least one.</param>
    public static RequestRate? Of(string of, double perSecond, int burst)
    {
        if (perSecond <= 0)
            return null;
        var tokens = burst > 0 ? burst : Math.Max(1, (int)Math.Ceiling(perSecond));
        var bucket = new TokenBucketRateLimiter(
            new()
            {
                TokenLimit = tokens,
                TokensPerPeriod = 1,
                ReplenishmentPeriod = TimeSpan.FromSeconds(1 / perSecond),
                QueueLimit = 0,
                // Tokens come back when somebody asks: exactly, and without a timer for each deployment and key.
                AutoReplenishment = false,
            }
        );
        return new(bucket, of, perSecond, tokens);
    }

    /// <summary>Takes a token for a request, and tells the client how many are left. Null where there was one.</summary>
    public GatewayProblem? Take(HttpContext context)
    {
        limiter.TryReplenish();
        using var lease = limiter.AttemptAcquire(1);
        var pause = lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : TimeSpan.Zero;
        var left = limiter.GetStatistics()?.CurrentAvailablePermits ?? 0;
        // The fields of draft-ietf-httpapi-ratelimit-headers: the size of the bucket (q) and how long a whole one takes to come back (w);
        // what is left of it (r) and when there is more (t), in seconds.
        context.Response.Headers.Append(
            "RateLimit-Policy",
            string.Create(CultureInfo.InvariantCulture, $"\"{of}\";q={size};w={Seconds(size / perSecond)}")
        );
        context.Response.Headers.Append(
            "RateLimit",
            string.Create(CultureInfo.InvariantCulture, $"\"{of}\";r={left};t={Seconds(Math.Max(pause.TotalSeconds, 1 / perSecond))}")
        );
        return lease.IsAcquired
            ? null
            : GatewayProblem.TooManyRequests(of, perSecond, size, TimeSpan.FromSeconds(Seconds(pause.TotalSeconds)));
    }

    private static long Seconds(double seconds) => Math.Max(1, (long)Math.Ceiling(seconds));
}
