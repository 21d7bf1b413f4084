using DeployCard.Contracts.Configuration;
using DeployCard.Gateway;
using Microsoft.Extensions.Time.Testing;

namespace DeployCard.Silo.Tests.Gateway;

public sealed class RequestTimeoutsTests : IDisposable
{
    private readonly FakeTimeProvider time = new();
    private readonly RequestTimeouts clock;

    public RequestTimeoutsTests() => clock = new(time);

    public void Dispose() => clock.Dispose();

    private static DeploymentConfiguration Limits(int firstByte = 60, int whole = 0, int idle = 600) =>
        new()
        {
            FirstByteTimeout = TimeSpan.FromSeconds(firstByte),
            RequestTimeout = TimeSpan.FromSeconds(whole),
            StreamIdleTimeout = TimeSpan.FromSeconds(idle),
        };

    private string? After(double seconds)
    {
        time.Advance(TimeSpan.FromSeconds(seconds));
        return clock.Token.IsCancellationRequested ? clock.Problem!.Code : null;
    }

    [Fact]
    public void Response_that_does_not_start_times_out()
    {
        clock.Start(Limits(firstByte: 10));

        After(9.9).ShouldBeNull();
        After(0.1).ShouldBe("FIRST_BYTE_TIMEOUT");
        clock.Problem!.Detail.ShouldContain("X-Async-Request");
    }

    [Fact]
    public void Started_response_is_not_cut_by_the_first_byte_timeout()
    {
        clock.Start(Limits(firstByte: 10));
        After(5).ShouldBeNull();

        clock.OnResponseStarted(isUpgrade: false);

        After(100_000).ShouldBeNull();
    }

    [Fact]
    public void Request_bytes_restart_the_first_byte_timeout()
    {
        clock.Start(Limits(firstByte: 10));
        for (var n = 0; n < 5; n++)
        {
            After(9).ShouldBeNull();
            clock.OnRequestBytes();
        }

        After(9.9).ShouldBeNull();
        After(0.1).ShouldBe("FIRST_BYTE_TIMEOUT");
    }

    [Fact]
    public void Request_bytes_after_the_response_started_set_no_timeout()
    {
        clock.Start(Limits(firstByte: 10));
        clock.OnResponseStarted(isUpgrade: false);

        clock.OnRequestBytes();

        After(100_000).ShouldBeNull();
    }

    [Fact]
    public void Request_timeout_applies_before_and_after_the_first_byte()
    {
        clock.Start(Limits(firstByte: 60, whole: 10));
        After(10).ShouldBe("REQUEST_TIMEOUT");

        clock.Stop();
        clock.Start(Limits(firstByte: 60, whole: 10));
        After(6).ShouldBeNull();
        clock.OnResponseStarted(isUpgrade: false);
        After(3.9).ShouldBeNull();
        After(0.1).ShouldBe("REQUEST_TIMEOUT");
    }

    [Fact]
    public void Upgraded_connection_has_no_timeout()
    {
        clock.Start(Limits(firstByte: 10, whole: 10));
        clock.OnResponseStarted(isUpgrade: true);
        After(1_000_000).ShouldBeNull();
    }

    [Fact]
    public void Silent_stream_times_out_and_active_stream_does_not()
    {
        clock.Start(Limits(firstByte: 60, idle: 5));
        clock.OnResponseStarted(isUpgrade: false);
        for (var n = 0; n < 5; n++)
        {
            clock.OnStreamRead();
            After(4.9).ShouldBeNull();
        }

        clock.OnStreamRead();
        time.Advance(TimeSpan.FromSeconds(5));
        clock.Token.IsCancellationRequested.ShouldBeTrue();
    }

    [Fact]
    public void Timeouts_start_fresh_for_the_next_request()
    {
        clock.Start(Limits(firstByte: 10));
        After(10).ShouldNotBeNull();
        clock.Stop();

        clock.Start(Limits(firstByte: 20));
        clock.Problem.ShouldBeNull();
        After(19.9).ShouldBeNull();
        After(0.1).ShouldBe("FIRST_BYTE_TIMEOUT");
    }

    [Fact]
    public void Timeout_of_the_previous_request_does_not_affect_the_next_one()
    {
        clock.Start(Limits(firstByte: 10));
        After(9).ShouldBeNull();
        clock.Stop();
        After(1000).ShouldBeNull();
    }
}
