using System.Net;
using DeployCard.Contracts.Keys;
using DeployCard.Contracts.Monitoring;
using DeployCard.Contracts.Routing;
using DeployCard.Domain.Monitoring;
using DeployCard.Gateway;
using DeployCard.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace DeployCard.Silo.Tests.Gateway;

/// <summary>Traffic counters of the gateway over real sockets: each request is counted once, in its class, with its bytes.</summary>
public sealed class TrafficTests : IAsyncLifetime
{
    private static readonly KeyHasher Hasher = new(new byte[32]);

    private readonly string key = KeyText.Create(KeyText.KeyPrefix);
    private readonly HttpClient http = new();
    private readonly TrafficRegistry book = new(TimeProvider.System);
    private WebApplication? pod;
    private WebApplication? gateway;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        pod = await TestServer.Start(
            _ => { },
            app =>
                app.Run(async context =>
                {
                    var body = await new StreamReader(context.Request.Body).ReadToEndAsync(Cancellation);
                    context.Response.StatusCode = int.Parse(context.Request.Path.Value!.Trim('/'));
                    if (context.Request.Query.ContainsKey("whole"))
                        context.Response.ContentLength = body.Length;
                    await context.Response.WriteAsync(body, Cancellation);
                })
        );
        var route = Routes.Create(1).WithConcurrency(0).WithKeys(new KeyEntry("id", Hasher.Hash(key), null)) with
        {
            Pods = [Routes.Pod("a") with { Address = pod.Address() }],
        };
        gateway = await new TestGateway
        {
            FetchRoute = _ => Task.FromResult(route),
            Traffic = book,
            Hasher = Hasher,
        }.Start();
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await gateway!.DisposeAsync();
        await pod!.DisposeAsync();
    }

    [Fact]
    public async Task Responses_of_the_pod_and_of_the_gateway_are_counted_separately()
    {
        foreach (var (status, count) in new[] { (200, 1), (302, 1), (404, 3), (500, 4) })
        {
            for (var i = 0; i < count; i++)
                await Send($"/{status}", key, "");
        }

        await Send("/200", null, "");
        await Send("/200", "wrong", "");
        await pod!.StopAsync(Cancellation);
        gateway!.Services.GetRequiredService<RouteTable>().TryFind("iris", out var gate).ShouldBeTrue();
        gate!.Apply(
            gate.Current!.Route with
            {
                Version = 2,
                Configuration = gate.Current.Route.Configuration with { QueueTimeout = TimeSpan.FromMilliseconds(50) },
            }
        );
        await Send("/200", key, "x");

        var seen = await Counted(12);

        new[]
        {
            TrafficCounter.Succeeded,
            TrafficCounter.ClientErrors,
            TrafficCounter.ServerErrors,
            TrafficCounter.Rejected,
            TrafficCounter.Failed,
            TrafficCounter.Canceled,
        }
            .Select(seen.Get)
            .ShouldBe([2, 3, 4, 2, 1, 0]);
        // Rejections have no duration.
        seen.Latency!.Count.ShouldBe(10);
    }

    [Fact]
    public async Task Missing_deployment_is_not_found_with_any_key()
    {
        await Send("/200", key, "");
        gateway!.Services.GetRequiredService<RouteTable>().TryFind("iris", out var gate).ShouldBeTrue();
        // The state of the table while another request loads the route.
        gate!.Apply(gate.Current!.Route with { Version = 2, State = RouteState.Missing });

        using var answer = await http.GetAsync(new Uri(gateway.Address(), "/predict/iris/200"), Cancellation);
        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await answer.Content.ReadAsStringAsync(Cancellation)).ShouldContain("DEPLOYMENT_NOT_FOUND");
    }

    [Theory]
    [InlineData(10, false)]
    [InlineData(10, true)]
    [InlineData(100_000, false)]
    [InlineData(100_000, true)]
    public async Task Bytes_are_counted_in_both_directions_with_and_without_declared_length(int length, bool isWhole)
    {
        await Send(isWhole ? "/200?whole" : "/200", key, new string('x', length), isChunked: !isWhole);

        var seen = await Counted(1);

        (seen.Get(TrafficCounter.BytesIn), seen.Get(TrafficCounter.BytesOut)).ShouldBe((length, length));
    }

    private async Task Send(string path, string? text, string body, bool isChunked = false)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(gateway!.Address(), "/predict/iris" + path))
        {
            Content = new StringContent(body),
        };
        request.Headers.TransferEncodingChunked = isChunked;
        if (text is not null)
            request.Headers.Add("X-API-Key", text);
        using var response = await http.SendAsync(request, Cancellation);
        await response.Content.ReadAsStringAsync(Cancellation);
    }

    /// <summary>
    /// Waits until the given number of requests is counted and returns the counters. A client gets its response slightly before the count.
    /// </summary>
    private Task<MonitorPoint> Counted(long requests) =>
        Eventually.Get(
            () =>
            {
                var minutes = book.For(Routes.Iris).Collect("here").ToDictionary(part => part.Bucket.Minute, part => part.Bucket);
                var first = minutes.Keys.DefaultIfEmpty().Min();
                return Task.FromResult(MonitorPoints.CreateView(new(first, 1, 5), minutes.GetValueOrDefault).Points[0]);
            },
            point => point.CountRequests() >= requests,
            Cancellation
        );
}
