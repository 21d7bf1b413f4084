using DeployCard.Common.Retry;
using Microsoft.Extensions.Time.Testing;

namespace DeployCard.Grains.Tests.Runtimes;

public sealed class FailureLogThrottleTests
{
    private readonly FakeTimeProvider time = new();

    [Fact]
    public void Repeated_failure_is_logged_first_and_then_once_a_minute()
    {
        var throttle = new FailureLogThrottle(time);
        var logged = 0;
        for (var second = 0; second < 150; second += 2)
        {
            logged += throttle.ShouldLog() ? 1 : 0;
            time.Advance(TimeSpan.FromSeconds(2));
        }

        logged.ShouldBe(3);
    }

    [Fact]
    public void Reset_returns_the_number_of_failures_once()
    {
        var throttle = new FailureLogThrottle(time);
        throttle.Reset().ShouldBe(0);
        throttle.ShouldLog().ShouldBeTrue();
        throttle.ShouldLog().ShouldBeFalse();

        throttle.Reset().ShouldBe(2);
        throttle.Reset().ShouldBe(0);
        throttle.ShouldLog().ShouldBeTrue();
    }
}
