using System.Globalization;
using System.Threading.RateLimiting;
using DeployCard.Gateway.Problems;

namespace DeployCard.Gateway;

/// <summary>
/// Rate limiter of requests, a token bucket. The bucket is full at first, each request takes one token, and tokens are replenished at a
/// constant rate.
/// </summary>
internal sealed class RequestRateLimiter
{
    private readonly TokenBucketRateLimiter limiter;
    private readonly string scope;
    private readonly double perSecond;
    private readonly int size;

    private RequestRateLimiter(TokenBucketRateLimiter limiter, string scope, double perSecond, int size) =>
        (this.limiter, this.scope, this.perSecond, this.size) = (limiter, scope, perSecond, size);

    /// <summary>Creates a rate limiter; returns null if the rate is unlimited.</summary>
    /// <param name="scope">Scope of the limit, named in responses: <c>deployment</c> or <c>key</c>.</param>
    /// <param name="perSecond">Average number of requests per second, at least 0.01; 0 means unlimited.</param>
    /// <param name="burst">Size of the bucket in tokens; 0 means the tokens of one second, but at least one.</param>
    public static RequestRateLimiter? Create(string scope, double perSecond, int burst)
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
                // TryReplenish is called before each request instead. That is exact and needs no timer for each deployment and key.
                AutoReplenishment = false,
            }
        );
        return new(bucket, scope, perSecond, tokens);
    }

    /// <summary>
    /// Takes a token for a request and adds the <c>RateLimit</c> headers to the response. Returns null if a token was available, otherwise
    /// the problem to respond with.
    /// </summary>
    public GatewayProblem? Acquire(HttpContext context)
    {
        limiter.TryReplenish();
        using var lease = limiter.AttemptAcquire(1);
        var retryAfter = lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : TimeSpan.Zero;
        var left = limiter.GetStatistics()?.CurrentAvailablePermits ?? 0;
        // draft-ietf-httpapi-ratelimit-headers: q is the size of the bucket, w the seconds until an empty bucket is full;
        // r is the number of tokens left, t the seconds until the next token.
        context.Response.Headers.Append(
            "RateLimit-Policy",
            string.Create(CultureInfo.InvariantCulture, $"\"{scope}\";q={size};w={Seconds(size / perSecond)}")
        );
        context.Response.Headers.Append(
            "RateLimit",
            string.Create(
                CultureInfo.InvariantCulture,
                $"\"{scope}\";r={left};t={Seconds(Math.Max(retryAfter.TotalSeconds, 1 / perSecond))}"
            )
        );
        return lease.IsAcquired
            ? null
            : RequestProblems.TooManyRequests(scope, perSecond, size, TimeSpan.FromSeconds(Seconds(retryAfter.TotalSeconds)));
    }

    private static long Seconds(double seconds) => Math.Max(1, (long)Math.Ceiling(seconds));
}
