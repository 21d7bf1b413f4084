using System.Threading.RateLimiting;
using DeployCard.Silo.Gateway;
using Microsoft.AspNetCore.Http;

namespace DeployCard.Silo.Tests.Gateway;

/// <summary>The buckets go by the real clock: rates here are so low or so high that no pause of a busy machine matters.</summary>
public sealed class RatesTests
{
    private const double OncePerHundredSeconds = 0.01;

    private static GatewayProblem? Take(TokenBucketRateLimiter limiter, double perSecond, int size, HttpContext? context = null) =>
        Rates.Take(context ?? new DefaultHttpContext(), limiter, "deployment", perSecond, size);

    [Fact]
    public void Without_a_rate_nothing_is_limited() => Rates.Of(0, 10).ShouldBeNull();

    [Theory]
    [InlineData(0.01, 0, 1)]
    [InlineData(2.5, 0, 3)]
    [InlineData(100, 0, 100)]
    [InlineData(0.01, 7, 7)]
    public void The_bucket_holds_the_burst_or_a_second(double perSecond, int burst, int size) => Rates.Size(perSecond, burst).ShouldBe(size);

    [Fact]
    public void What_the_bucket_holds_comes_through_and_the_next_one_is_told_when_to_come_again()
    {
        using var limiter = Rates.Of(OncePerHundredSeconds, 2)!;

        Take(limiter, OncePerHundredSeconds, 2).ShouldBeNull();
        Take(limiter, OncePerHundredSeconds, 2).ShouldBeNull();
        var problem = Take(limiter, OncePerHundredSeconds, 2).ShouldNotBeNull();

        problem.Status.ShouldBe(429);
        problem.Code.ShouldBe("TOO_MANY_REQUESTS");
        problem.RetryAfter!.Value.TotalSeconds.ShouldBeInRange(1, 100);
    }

    [Fact]
    public void The_client_reads_what_is_left()
    {
        using var limiter = Rates.Of(OncePerHundredSeconds, 3)!;
        var context = new DefaultHttpContext();

        Take(limiter, OncePerHundredSeconds, 3, context);

        context.Response.Headers["RateLimit-Policy"].ToString().ShouldBe("\"deployment\";q=3;w=300");
        context.Response.Headers["RateLimit"].ToString().ShouldBe("\"deployment\";r=2;t=100");
    }

    [Fact]
    public void Tokens_come_back_with_time()
    {
        const double Fast = 1_000_000;
        using var limiter = Rates.Of(Fast, 1)!;
        var started = TimeProvider.System.GetTimestamp();
        for (var n = 0; n < 1000;)
        {
            if (Take(limiter, Fast, 1) is null)
                n++;
            TimeProvider.System.GetElapsedTime(started).ShouldBeLessThan(TimeSpan.FromSeconds(30));
        }
    }
}
