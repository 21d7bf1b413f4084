using DeployCard.Gateway;
using DeployCard.Gateway.Problems;
using Microsoft.AspNetCore.Http;

namespace DeployCard.Silo.Tests.Gateway;

/// <summary>
/// Token buckets, which use the real clock. The rates are very low or very high, so that delays of a busy machine do not matter.
/// </summary>
public sealed class RequestRateLimiterTests
{
    private const double OncePerHundredSeconds = 0.01;

    private static RequestRateLimiter? Create(double perSecond, int burst) => RequestRateLimiter.Create("deployment", perSecond, burst);

    private static GatewayProblem? Acquire(RequestRateLimiter rate) => rate.Acquire(new DefaultHttpContext());

    [Fact]
    public void Rate_of_zero_means_unlimited() => Create(0, 10).ShouldBeNull();

    [Theory]
    [InlineData(0.01, 0, 1)]
    [InlineData(2.5, 0, 3)]
    [InlineData(100, 0, 100)]
    [InlineData(0.01, 7, 7)]
    public void Bucket_holds_the_burst_or_the_tokens_of_one_second(double perSecond, int burst, int size)
    {
        var context = new DefaultHttpContext();

        Create(perSecond, burst)!.Acquire(context).ShouldBeNull();

        context.Response.Headers["RateLimit-Policy"].ToString().ShouldStartWith($"\"deployment\";q={size};");
        context.Response.Headers["RateLimit"].ToString().ShouldStartWith($"\"deployment\";r={size - 1};");
    }

    [Fact]
    public void Requests_beyond_the_bucket_are_rejected_with_a_retry_delay()
    {
        var rate = Create(OncePerHundredSeconds, 2)!;

        Acquire(rate).ShouldBeNull();
        Acquire(rate).ShouldBeNull();
        var problem = Acquire(rate).ShouldNotBeNull();

        problem.Status.ShouldBe(429);
        problem.Code.ShouldBe("TOO_MANY_REQUESTS");
        problem.RetryAfter!.Value.TotalSeconds.ShouldBeInRange(1, 100);
    }

    [Fact]
    public void Response_headers_report_the_remaining_tokens()
    {
        var context = new DefaultHttpContext();

        Create(OncePerHundredSeconds, 3)!.Acquire(context);

        context.Response.Headers["RateLimit-Policy"].ToString().ShouldBe("\"deployment\";q=3;w=300");
        context.Response.Headers["RateLimit"].ToString().ShouldBe("\"deployment\";r=2;t=100");
    }

    [Fact]
    public void Rejection_names_the_default_burst()
    {
        var rate = Create(OncePerHundredSeconds, 0)!;
        Acquire(rate).ShouldBeNull();

        Acquire(rate).ShouldNotBeNull().Detail.ShouldContain("bursts of up to 1");
    }

    [Fact]
    public void Tokens_are_replenished_over_time()
    {
        var rate = Create(perSecond: 1_000_000, burst: 1)!;
        var started = TimeProvider.System.GetTimestamp();
        var n = 0;
        while (n < 1000)
        {
            if (Acquire(rate) is null)
                n++;
            TimeProvider.System.GetElapsedTime(started).ShouldBeLessThan(TimeSpan.FromSeconds(30));
        }
    }
}
