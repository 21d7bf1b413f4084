using DeployCard.Silo.Gateway;
using Microsoft.AspNetCore.Http;

namespace DeployCard.Silo.Tests.Gateway;

/// <summary>The buckets go by the real clock: rates here are so low or so high that no pause of a busy machine matters.</summary>
public sealed class RequestRateTests
{
    private const double OncePerHundredSeconds = 0.01;

    private static RequestRate? Of(double perSecond, int burst) => RequestRate.Of("deployment", perSecond, burst);

    private static GatewayProblem? Take(RequestRate rate) => rate.Take(new DefaultHttpContext());

    [Fact]
    public void Without_a_rate_nothing_is_limited() => Of(0, 10).ShouldBeNull();

    [Theory]
    [InlineData(0.01, 0, 1)]
    [InlineData(2.5, 0, 3)]
    [InlineData(100, 0, 100)]
    [InlineData(0.01, 7, 7)]
    public void The_bucket_holds_the_burst_or_a_second(double perSecond, int burst, int size)
    {
        var context = new DefaultHttpContext();

        Of(perSecond, burst)!.Take(context).ShouldBeNull();

        context.Response.Headers["RateLimit-Policy"].ToString().ShouldStartWith($"\"deployment\";q={size};");
        context.Response.Headers["RateLimit"].ToString().ShouldStartWith($"\"deployment\";r={size - 1};");
    }

    [Fact]
    public void What_the_bucket_holds_comes_through_and_the_next_one_is_told_when_to_come_again()
    {
        var rate = Of(OncePerHundredSeconds, 2)!;

        Take(rate).ShouldBeNull();
        Take(rate).ShouldBeNull();
        var problem = Take(rate).ShouldNotBeNull();

        problem.Status.ShouldBe(429);
        problem.Code.ShouldBe("TOO_MANY_REQUESTS");
        problem.RetryAfter!.Value.TotalSeconds.ShouldBeInRange(1, 100);
    }

    [Fact]
    public void The_client_reads_what_is_left()
    {
        var context = new DefaultHttpContext();

        Of(OncePerHundredSeconds, 3)!.Take(context);

        context.Response.Headers["RateLimit-Policy"].ToString().ShouldBe("\"deployment\";q=3;w=300");
        context.Response.Headers["RateLimit"].ToString().ShouldBe("\"deployment\";r=2;t=100");
    }

    [Fact]
    public void A_refusal_names_the_bucket_that_holds_where_no_burst_was_given()
    {
        var rate = Of(OncePerHundredSeconds, 0)!;
        Take(rate).ShouldBeNull();

        Take(rate).ShouldNotBeNull().Detail.ShouldContain("1 at once");
    }

    [Fact]
    public void Tokens_come_back_with_time()
    {
        var rate = Of(perSecond: 1_000_000, burst: 1)!;
        var started = TimeProvider.System.GetTimestamp();
        var n = 0;
        while (n < 1000)
        {
            if (Take(rate) is null)
                n++;
            TimeProvider.System.GetElapsedTime(started).ShouldBeLessThan(TimeSpan.FromSeconds(30));
        }
    }
}
