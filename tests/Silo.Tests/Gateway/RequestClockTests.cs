using DeployCard.Grains.Routing;
using DeployCard.Silo.Gateway;
using Microsoft.Extensions.Time.Testing;

namespace DeployCard.Silo.Tests.Gateway;

public sealed class RequestClockTests : IDisposable
{
    private readonly FakeTimeProvider time = new();
    private readonly RequestClock clock;

    public RequestClockTests() => clock = new(time);

    public void Dispose() => clock.Dispose();

    private static RouteLimits Limits(int firstByte = 60, int whole = 0, int idle = 600) =>
        new()
        {
            FirstByteTimeout = TimeSpan.FromSeconds(firstByte),
            RequestTimeout = TimeSpan.FromSeconds(whole),
            StreamIdleTimeout = TimeSpan.FromSeconds(idle),
        };

    private string? After(double seconds)
    {
        time.Advance(TimeSpan.FromSeconds(seconds));
        return clock.Token.IsCancellationRequested ? clock.Over!.Code : null;
    }

    [Fact]
    public void An_answer_that_does_not_begin_is_given_up()
    {
        clock.Start(Limits(firstByte: 10));

        After(9.9).ShouldBeNull();
        After(0.1).ShouldBe("FIRST_BYTE_TIMEOUT");
        clock.Over!.Detail.ShouldContain("X-Async-Request");
    }

    [Fact]
    public void An_answer_that_has_begun_is_never_cut_by_the_limit_of_its_first_byte()
    {
        clock.Start(Limits(firstByte: 10));
        After(5).ShouldBeNull();

        clock.Answered(isUpgrade: false);

        After(100_000).ShouldBeNull();
    }

    [Fact]
    public void A_body_that_still_moves_gives_the_answer_its_time_anew()
    {
        clock.Start(Limits(firstByte: 10));
        for (var n = 0; n < 5; n++)
        {
            After(9).ShouldBeNull();
            clock.BodyMoved();
        }

        After(9.9).ShouldBeNull();
        After(0.1).ShouldBe("FIRST_BYTE_TIMEOUT");
    }

    [Fact]
    public void A_body_that_moves_beside_the_answer_sets_no_limit()
    {
        clock.Start(Limits(firstByte: 10));
        clock.Answered(isUpgrade: false);

        clock.BodyMoved();

        After(100_000).ShouldBeNull();
    }

    [Fact]
    public void The_limit_of_the_whole_holds_before_the_first_byte_and_after_it()
    {
        clock.Start(Limits(firstByte: 60, whole: 10));
        After(10).ShouldBe("REQUEST_TIMEOUT");

        clock.Stop();
        clock.Start(Limits(firstByte: 60, whole: 10));
        After(6).ShouldBeNull();
        clock.Answered(isUpgrade: false);
        After(3.9).ShouldBeNull();
        After(0.1).ShouldBe("REQUEST_TIMEOUT");
    }

    [Fact]
    public void No_limit_applies_to_a_connection_that_was_upgraded()
    {
        clock.Start(Limits(firstByte: 10, whole: 10));
        clock.Answered(isUpgrade: true);
        After(1_000_000).ShouldBeNull();
    }

    [Fact]
    public void A_silent_stream_is_given_up_and_one_that_speaks_is_not()
    {
        clock.Start(Limits(firstByte: 60, idle: 5));
        clock.Answered(isUpgrade: false);
        for (var n = 0; n < 5; n++)
        {
            clock.AwaitsStream();
            After(4.9).ShouldBeNull();
        }

        clock.AwaitsStream();
        time.Advance(TimeSpan.FromSeconds(5));
        clock.Token.IsCancellationRequested.ShouldBeTrue();
    }

    [Fact]
    public void It_serves_the_next_request_as_if_it_were_the_first()
    {
        clock.Start(Limits(firstByte: 10));
        After(10).ShouldNotBeNull();
        clock.Stop();

        clock.Start(Limits(firstByte: 20));
        clock.Over.ShouldBeNull();
        After(19.9).ShouldBeNull();
        After(0.1).ShouldBe("FIRST_BYTE_TIMEOUT");
    }

    [Fact]
    public void What_the_last_request_left_does_not_reach_the_next_one()
    {
        clock.Start(Limits(firstByte: 10));
        After(9).ShouldBeNull();
        clock.Stop();
        After(1000).ShouldBeNull();
    }
}
