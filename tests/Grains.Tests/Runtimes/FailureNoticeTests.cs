using DeployCard.Grains.Runtimes;
using Microsoft.Extensions.Time.Testing;

namespace DeployCard.Grains.Tests.Runtimes;

public sealed class FailureNoticeTests
{
    private readonly FakeTimeProvider time = new();

    [Fact]
    public void A_failure_is_told_when_it_begins_and_each_minute_while_it_lasts()
    {
        var notice = new FailureNotice(time);
        var told = 0;
        for (var second = 0; second < 150; second += 2)
        {
            told += notice.Failed() ? 1 : 0;
            time.Advance(TimeSpan.FromSeconds(2));
        }

        told.ShouldBe(3);
    }

    [Fact]
    public void Its_end_is_told_once_with_the_number_of_failures()
    {
        var notice = new FailureNotice(time);
        notice.Over().ShouldBe(0);
        notice.Failed().ShouldBeTrue();
        notice.Failed().ShouldBeFalse();

        notice.Over().ShouldBe(2);
        notice.Over().ShouldBe(0);
        notice.Failed().ShouldBeTrue();
    }
}
