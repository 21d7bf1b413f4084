using System.Net;
using System.Net.Sockets;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Routing;
using DeployCard.Gateway;
using DeployCard.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace DeployCard.Silo.Tests.Gateway;

/// <summary>
/// Requests whose pod is unreachable or closes the connection. The tests use real sockets on both sides and routes set by hand.
/// </summary>
public sealed class PodForwarderTests : IAsyncLifetime
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private readonly List<string> seen = [];
    private readonly DeploymentGate gate = new(Routes.Iris, Routes.Traffic, _ => { }, TimeProvider.System);
    private readonly HttpClient http = new();
    private WebApplication? pod;
    private WebApplication? gateway;
    private long version;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        pod = await TestServer.Start(
            _ => { },
            app =>
                app.Run(async context =>
                {
                    var body = await new StreamReader(context.Request.Body).ReadToEndAsync(Cancellation);
                    lock (seen)
                        seen.Add($"{context.Request.Method} {body}");
                    await context.Response.WriteAsync(body, Cancellation);
                })
        );
        gateway = await new TestGateway().StartForwarding(gate);
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await gateway!.DisposeAsync();
        await pod!.DisposeAsync();
    }

    [Fact]
    public async Task Request_to_an_unreachable_pod_is_retried_at_another_pod_with_its_body()
    {
        Publish(Pod("dead", TestPorts.FindFree()), Pod("alive", pod!.Address().Port));

        for (var n = 0; n < 20; n++)
            (await Send(HttpMethod.Post, $"body {n}")).ShouldBe((HttpStatusCode.OK, $"body {n}"));

        seen.Count.ShouldBe(20);
        gate.Current!.Pods.Single(p => p.Pod.Name.Value == "dead").IsEjected.ShouldBeTrue();
        gate.InFlight.ShouldBe(0);
    }

    [Fact]
    public async Task Request_to_the_only_and_unreachable_pod_waits_for_the_next_pod()
    {
        Publish(Pod("dead", TestPorts.FindFree()));
        var request = Send(HttpMethod.Post, "body");
        await Eventually.True(() => gate.Waiting > 0, "the request waits", Cancellation);

        Publish(Pod("alive", pod!.Address().Port));

        (await request).ShouldBe((HttpStatusCode.OK, "body"));
    }

    [Fact]
    public async Task Idempotent_request_is_retried_at_another_pod_after_a_broken_connection()
    {
        using var breaking = new BreakingPod();
        Publish(Pod("breaking", breaking.Port), Pod("alive", pod!.Address().Port));

        for (var n = 0; n < 20; n++)
            (await Send(HttpMethod.Get)).Status.ShouldBe(HttpStatusCode.OK);

        breaking.Requests.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Non_idempotent_request_is_not_retried_after_a_broken_connection()
    {
        using var breaking = new BreakingPod();
        Publish(Pod("breaking", breaking.Port), Pod("alive", pod!.Address().Port));
        var statuses = new List<HttpStatusCode>();

        while (breaking.Requests == 0)
            statuses.Add((await Send(HttpMethod.Post, "body")).Status);

        statuses[^1].ShouldBe(HttpStatusCode.BadGateway);
        seen.Count.ShouldBe(statuses.Count - 1);
    }

    [Fact]
    public async Task Broken_connection_without_another_pod_is_reported()
    {
        using var breaking = new BreakingPod();
        Publish(Pod("breaking", breaking.Port));

        (await Send(HttpMethod.Get)).Status.ShouldBe(HttpStatusCode.BadGateway);
        breaking.Requests.ShouldBeGreaterThan(0);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("body")]
    public async Task Non_idempotent_request_is_sent_once_with_and_without_a_body(string? body)
    {
        using var breaking = new BreakingPod();
        Publish(Pod("breaking", breaking.Port));

        (await Send(HttpMethod.Post, body)).Status.ShouldBe(HttpStatusCode.BadGateway);
        breaking.Requests.ShouldBe(1);
    }

    [Fact]
    public async Task Request_skips_all_unreachable_pods()
    {
        RoutePod[] dead = [.. Enumerable.Range(0, 9).Select(n => Pod($"dead-{n}", TestPorts.FindFree()))];
        Publish([.. dead, Pod("alive", pod!.Address().Port)]);

        while (gate.Current!.Pods.Count(p => p.IsEjected) < dead.Length)
            (await Send(HttpMethod.Post, "body")).ShouldBe((HttpStatusCode.OK, "body"));

        gate.InFlight.ShouldBe(0);
    }

    [Fact]
    public async Task Request_is_retried_at_another_pod_after_a_connect_timeout()
    {
        using var full = new FullPod();
        Publish(Pod("full", full.Port), Pod("alive", pod!.Address().Port));

        while (!gate.Current!.Pods.Single(p => p.Pod.Name.Value == "full").IsEjected)
            (await Send(HttpMethod.Post, "body")).ShouldBe((HttpStatusCode.OK, "body"));

        gate.InFlight.ShouldBe(0);
    }

    [Fact]
    public async Task Request_is_not_retried_after_two_broken_connections()
    {
        using var one = new BreakingPod();
        using var two = new BreakingPod();
        using var three = new BreakingPod();
        Publish(Pod("one", one.Port), Pod("two", two.Port), Pod("three", three.Port));

        var (status, text) = await Send(HttpMethod.Get);

        status.ShouldBe(HttpStatusCode.BadGateway);
        text.ShouldContain("POD_CONNECTION_FAILED");
        new[] { one, two, three }.Count(p => p.Requests > 0).ShouldBe(2);
        gate.InFlight.ShouldBe(0);
    }

    [Fact]
    public async Task Request_without_a_reachable_pod_waits_at_most_the_queue_timeout_in_total()
    {
        Publish(TimeSpan.FromMilliseconds(300), Pod("dead-1", TestPorts.FindFree()), Pod("dead-2", TestPorts.FindFree()));

        var (status, text) = await Send(HttpMethod.Get);

        status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        text.ShouldContain("POD_WAIT_TIMEOUT");
        gate.Current!.Pods.ShouldAllBe(p => p.IsEjected);
        gate.InFlight.ShouldBe(0);
    }

    private void Publish(TimeSpan queueTimeout, params RoutePod[] pods)
    {
        var route = Routes.Create(++version).WithConcurrency(0);
        gate.Apply(route with { Pods = [.. pods], Configuration = route.Configuration with { QueueTimeout = queueTimeout } });
    }

    private void Publish(params RoutePod[] pods) => gate.Apply(Routes.Create(++version).WithConcurrency(0) with { Pods = [.. pods] });

    private static RoutePod Pod(string name, int port) => new(new PodName(name), new($"http://127.0.0.1:{port}"), 1);

    private async Task<(HttpStatusCode Status, string Text)> Send(HttpMethod method, string? body = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(gateway!.Address(), "/predict/iris/x"))
        {
            Content = body is null ? null : new StringContent(body),
        };
        using var response = await http.SendAsync(request, Cancellation).WaitAsync(Timeout, TimeProvider.System, Cancellation);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Cancellation));
    }

    /// <summary>Pod with a full backlog: its operating system ignores new connections.</summary>
    private sealed class FullPod : IDisposable
    {
        private readonly Socket listener = new(SocketType.Stream, ProtocolType.Tcp);
        private readonly List<Socket> waiting = [];

        public FullPod()
        {
            listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            listener.Listen(1);
            do waiting.Add(new(SocketType.Stream, ProtocolType.Tcp));
            while (waiting[^1].ConnectAsync(listener.LocalEndPoint!).Wait(TimeSpan.FromMilliseconds(500)));
        }

        public int Port => ((IPEndPoint)listener.LocalEndPoint!).Port;

        public void Dispose()
        {
            waiting.ForEach(socket => socket.Dispose());
            listener.Dispose();
        }
    }

    /// <summary>Pod that reads a request and closes the connection without a response.</summary>
    private sealed class BreakingPod : IDisposable
    {
        private readonly RawTcpServer server;
        private int requests;

        public BreakingPod() =>
            server = new(
                (request, _) =>
                {
                    if (request.Contains("HTTP/1.1", StringComparison.Ordinal))
                        Interlocked.Increment(ref requests);
                    return Task.CompletedTask;
                }
            );

        public int Port => server.Port;

        public int Requests => Volatile.Read(ref requests);

        public void Dispose() => server.Dispose();
    }
}
