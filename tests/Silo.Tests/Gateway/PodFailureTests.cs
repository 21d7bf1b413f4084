using System.Net.Sockets;
using DeployCard.Gateway;

namespace DeployCard.Silo.Tests.Gateway;

public sealed class PodFailureTests
{
    [Fact]
    public void Connect_failure_means_that_nothing_was_sent()
    {
        PodFailure
            .IsConnectFailure(new HttpRequestException(HttpRequestError.ConnectionError, "refused", new SocketException()))
            .ShouldBeTrue();
        PodFailure.IsConnectFailure(new HttpRequestException(HttpRequestError.NameResolutionError)).ShouldBeTrue();
        PodFailure.IsConnectFailure(new TaskCanceledException("", new TimeoutException())).ShouldBeTrue();
    }

    [Fact]
    public void Broken_connection_may_have_sent_part_of_the_request()
    {
        PodFailure.IsConnectFailure(new HttpRequestException(HttpRequestError.ResponseEnded)).ShouldBeFalse();
        PodFailure.IsConnectFailure(new OperationCanceledException()).ShouldBeFalse();
        PodFailure.IsConnectFailure(new IOException()).ShouldBeFalse();
        PodFailure.IsConnectFailure(null).ShouldBeFalse();
    }

    [Theory]
    [InlineData(SocketError.TimedOut, true)]
    [InlineData(SocketError.OperationAborted, true)]
    [InlineData(SocketError.HostUnreachable, true)]
    [InlineData(SocketError.ConnectionReset, false)]
    [InlineData(SocketError.ConnectionRefused, false)]
    public void Unreachable_peer_means_a_lost_connection(SocketError error, bool isLost)
    {
        var broken = new IOException("", new SocketException((int)error));

        PodFailure.IsConnectionLost(new HttpRequestException("", broken)).ShouldBe(isLost);
        PodFailure.IsConnectionLost(new AggregateException(new IOException(), broken)).ShouldBe(isLost);
    }

    [Fact]
    public void Canceled_request_is_not_a_lost_connection() =>
        PodFailure
            .IsConnectionLost(new TaskCanceledException("", new IOException("", new SocketException((int)SocketError.OperationAborted))))
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
    public void Only_some_methods_are_idempotent(string method, bool isIdempotent) =>
        PodFailure.IsIdempotent(method).ShouldBe(isIdempotent);
}
