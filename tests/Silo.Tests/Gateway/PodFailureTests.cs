using System.Net.Sockets;
using DeployCard.Silo.Gateway;

namespace DeployCard.Silo.Tests.Gateway;

public sealed class PodFailureTests
{
    [Fact]
    public void Nothing_was_sent_where_no_connection_came_about()
    {
        PodFailure.IsUnreached(new HttpRequestException(HttpRequestError.ConnectionError, "refused", new SocketException())).ShouldBeTrue();
        PodFailure.IsUnreached(new HttpRequestException(HttpRequestError.NameResolutionError)).ShouldBeTrue();
        PodFailure.IsUnreached(new TaskCanceledException("", new TimeoutException())).ShouldBeTrue();
    }

    [Fact]
    public void Something_may_have_been_sent_where_a_connection_broke()
    {
        PodFailure.IsUnreached(new HttpRequestException(HttpRequestError.ResponseEnded)).ShouldBeFalse();
        PodFailure.IsUnreached(new OperationCanceledException()).ShouldBeFalse();
        PodFailure.IsUnreached(new IOException()).ShouldBeFalse();
        PodFailure.IsUnreached(null).ShouldBeFalse();
    }

    [Theory]
    [InlineData(SocketError.TimedOut, true)]
    [InlineData(SocketError.OperationAborted, true)]
    [InlineData(SocketError.HostUnreachable, true)]
    [InlineData(SocketError.ConnectionReset, false)]
    [InlineData(SocketError.ConnectionRefused, false)]
    public void A_connection_that_nobody_answers_is_lost(SocketError error, bool isLost)
    {
        var broken = new IOException("", new SocketException((int)error));

        PodFailure.IsLost(new HttpRequestException("", broken)).ShouldBe(isLost);
        PodFailure.IsLost(new AggregateException(new IOException(), broken)).ShouldBe(isLost);
    }

    [Fact]
    public void A_connection_that_was_given_up_on_is_not_lost() =>
        PodFailure
            .IsLost(new TaskCanceledException("", new IOException("", new SocketException((int)SocketError.OperationAborted))))
            .ShouldBeFalse();

    [Theory]
    [InlineData("GET", true)]
    [InlineData("HEAD", true)]
    [InlineData("OPTIONS", true)]
    [InlineData("PUT", true)]
    [InlineData("DELETE", true)]
    [InlineData("TRACE", true)]
    [InlineData("POST", false)]
    [InlineData("PATCH", false)]
    [InlineData("REPORT", false)]
    public void Only_some_methods_may_be_seen_twice(string method, bool isIdempotent) =>
        PodFailure.IsIdempotent(method).ShouldBe(isIdempotent);
}
