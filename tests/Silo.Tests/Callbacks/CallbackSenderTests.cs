using System.Collections.Concurrent;
using System.Diagnostics;
using DeployCard.Callbacks;
using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Callbacks;
using DeployCard.Contracts.Deployments;
using DeployCard.Silo.Tests.Gateway;
using DeployCard.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace DeployCard.Silo.Tests.Callbacks;

/// <summary>Tests of callbacks over real sockets to a real HTTP server.</summary>
public sealed class CallbackSenderTests : IAsyncLifetime
{
    private static readonly WebhookSecretFactory Secrets = new([.. Enumerable.Repeat((byte)7, 32)]);

    private readonly ConcurrentQueue<(string Path, Dictionary<string, string> Headers, byte[] Body)> received = [];
    private readonly List<IDisposable> disposables = [];
    private RequestDelegate respond = _ => Task.CompletedTask;
    private WebApplication? receiver;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() =>
        receiver = await TestServer.Start(
            _ => { },
            app =>
                app.Run(async context =>
                {
                    using var body = new MemoryStream();
                    await context.Request.Body.CopyToAsync(body, context.RequestAborted);
                    received.Enqueue(
                        (
                            context.Request.Path,
                            context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase),
                            body.ToArray()
                        )
                    );
                    await respond(context);
                })
        );

    public async ValueTask DisposeAsync()
    {
        disposables.ForEach(disposable => disposable.Dispose());
        await receiver!.DisposeAsync();
    }

    [Fact]
    public async Task Callback_is_signed_with_each_valid_secret_at_the_time_of_delivery()
    {
        var message = Calls.Completed(Hook()) with { SecretIds = ["a", "b"] };

        (await Send(message)).ShouldBe(DeliveryResult.FromResponse(200));

        var (path, headers, body) = received.ShouldHaveSingleItem();
        path.ShouldBe("/hook");
        headers["webhook-id"].ShouldBe($"{Calls.Id}-1");
        headers["webhook-signature"]
            .ShouldBe(
                WebhookSignature.Sign(
                    [Secrets.Derive(Calls.Uid, "a"), Secrets.Derive(Calls.Uid, "b")],
                    $"{Calls.Id}-1",
                    headers["webhook-timestamp"],
                    body
                )
            );
        DateTimeOffset
            .FromUnixTimeSeconds(long.Parse(headers["webhook-timestamp"]))
            .ShouldBe(TimeProvider.System.GetUtcNow(), TimeSpan.FromSeconds(30));
        headers["Content-Type"].ShouldBe("application/json");
        headers["User-Agent"].ShouldBe("DeployCard");
        body.ShouldBe(await CallbackPayload.Create(message, new("https://models.example"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Request_contains_no_cookies_credentials_or_trace_context_of_the_silo()
    {
        using var activity = new Activity("request").SetIdFormat(ActivityIdFormat.W3C).AddBaggage("tenant", "secret").Start();
        respond = context =>
        {
            context.Response.Headers.SetCookie = "a=b; Path=/";
            return Task.CompletedTask;
        };
        var sender = CreateSender();
        await sender.Send(Calls.Completed(Hook()), Cancellation);
        await sender.Send(Calls.Completed(Hook()), Cancellation);

        received.Count.ShouldBe(2);
        received.ShouldAllBe(request =>
            request
                .Headers.Keys.Order(StringComparer.OrdinalIgnoreCase)
                .SequenceEqual(
                    new[]
                    {
                        "Content-Length",
                        "Content-Type",
                        "Host",
                        "User-Agent",
                        "webhook-id",
                        "webhook-signature",
                        "webhook-timestamp",
                    },
                    StringComparer.OrdinalIgnoreCase
                )
        );
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task Redirect_is_not_followed(int status)
    {
        respond = context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = "/elsewhere";
            return Task.CompletedTask;
        };

        var result = await Send(Calls.Completed(Hook()));

        result.StatusCode.ShouldBe(status);
        result.Error.ShouldNotBeNull().ShouldContain("not followed");
        received.ShouldHaveSingleItem().Path.ShouldBe("/hook");
    }

    [Fact]
    public async Task Retry_after_is_read_as_seconds_and_as_date()
    {
        respond = context =>
        {
            context.Response.StatusCode = 503;
            context.Response.Headers.RetryAfter =
                context.Request.Path == "/date" ? TimeProvider.System.GetUtcNow().AddHours(1).ToString("R") : "120";
            return context.Response.WriteAsync("not now");
        };

        (await Send(Calls.Completed(Hook()))).ShouldBe(DeliveryResult.FromResponse(503, "not now", TimeSpan.FromMinutes(2)));
        (await Send(Calls.Completed(Hook("date")))).RetryAfter.ShouldNotBeNull().ShouldBe(TimeSpan.FromHours(1), TimeSpan.FromMinutes(1));
    }

    [Theory]
    [InlineData("soon")]
    [InlineData("-5")]
    [InlineData("Tue, 01 Jan 1980 00:00:00 GMT")]
    [InlineData("99999999999999999999")]
    public async Task Invalid_retry_after_is_ignored(string retryAfter)
    {
        respond = context =>
        {
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = retryAfter;
            return Task.CompletedTask;
        };

        var result = await Send(Calls.Completed(Hook()));

        result.StatusCode.ShouldBe(429);
        (result.RetryAfter ?? TimeSpan.Zero).ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public async Task Silent_receiver_fails_after_the_timeout()
    {
        respond = context => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);

        (await Send(Calls.Completed(Hook()), options => options.Timeout = TimeSpan.FromSeconds(1))).ShouldBe(
            DeliveryResult.Failed("The receiver did not respond within 1 s.")
        );
    }

    [Fact]
    public async Task Response_counts_even_if_its_body_never_ends()
    {
        respond = async context =>
        {
            await context.Response.WriteAsync("thanks");
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        };

        (await Send(Calls.Completed(Hook()), options => options.Timeout = TimeSpan.FromSeconds(1))).ShouldBe(
            DeliveryResult.FromResponse(200, "thanks")
        );
    }

    [Fact]
    public async Task Only_the_beginning_of_an_endless_response_is_read()
    {
        var written = 0L;
        var ended = new TaskCompletionSource();
        respond = async context =>
        {
            try
            {
                while (written < 1L << 30)
                {
                    await context.Response.Body.WriteAsync(new byte[16 * 1024].AsMemory(), context.RequestAborted);
                    Interlocked.Add(ref written, 16 * 1024);
                }
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                // The sender closed the connection.
            }

            ended.TrySetResult();
        };

        var result = await Send(Calls.Completed(Hook()));

        result.StatusCode.ShouldBe(200);
        result.Excerpt.ShouldNotBeNull().Length.ShouldBe(1024);
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Cancellation);
        // The sender stops reading early. The server still fills the socket buffers on both sides, and discards writes until it notices the
        // close.
        Interlocked.Read(ref written).ShouldBeLessThan(512 << 20);
    }

    [Fact]
    public async Task Too_large_response_headers_fail()
    {
        respond = context =>
        {
            context.Response.Headers["X-Long"] = new string('x', 30_000);
            return Task.CompletedTask;
        };

        (await Send(Calls.Completed(Hook()))).Error.ShouldNotBeNull();
    }

    [Fact]
    public async Task Loopback_is_blocked_by_default_for_every_address_notation_and_name()
    {
        foreach (var host in new[] { "127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "[::]" })
        {
            var result = await Send(
                Calls.Completed(new($"http://{host}:{receiver!.Address().Port}/hook")),
                options => options.AllowedNetworks.Clear()
            );
            result.Error.ShouldNotBeNull(host).ShouldContain("is not allowed", Case.Sensitive, host);
            result.StatusCode.ShouldBeNull();
        }

        received.ShouldBeEmpty();
    }

    [Fact]
    public async Task Host_in_the_settings_is_reached_regardless_of_its_address()
    {
        var result = await Send(
            Calls.Completed(new($"http://localhost:{receiver!.Address().Port}/hook")),
            options =>
            {
                options.AllowedNetworks.Clear();
                options.AllowedHosts.Add("localhost");
            }
        );

        result.StatusCode.ShouldBe(200);
    }

    [Fact]
    public async Task Unreachable_receiver_is_reported_with_a_descriptive_error()
    {
        (await Send(Calls.Completed(new($"http://127.0.0.1:{TestPorts.FindFree()}/"))))
            .Error.ShouldNotBeNull()
            .ShouldStartWith("The host could not be reached");
        (await Send(Calls.Completed(new("http://missing.invalid/")))).Error.ShouldNotBeNull().ShouldContain("host name");
        (await Send(Calls.Completed(new($"https://127.0.0.1:{receiver!.Address().Port}/"))))
            .Error.ShouldNotBeNull()
            .ShouldContain("TLS handshake");
    }

    [Fact]
    public async Task Canceled_delivery_throws()
    {
        respond = context => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        using var stop = new CancellationTokenSource();
        var sending = CreateSender().Send(Calls.Completed(Hook()), stop.Token);
        await Eventually.True(() => !received.IsEmpty, "the receiver has a request", Cancellation);

        await stop.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(sending);
    }

    private Uri Hook(string path = "hook") => new(receiver!.Address(), path);

    private Task<DeliveryResult> Send(CallbackMessage message, Action<CallbackOptions>? configure = null) =>
        CreateSender(configure).Send(message, Cancellation);

    private CallbackSender CreateSender(Action<CallbackOptions>? configure = null)
    {
        var options = new CallbackOptions { AllowedNetworks = { "127.0.0.0/8" } };
        configure?.Invoke(options);
        var client = new CallbackClient(new(Options.Create(options)), Options.Create(options), NullLogger<CallbackClient>.Instance);
        disposables.Add(client);
        return new(
            client,
            Secrets,
            Options.Create(options),
            Options.Create(new CardOptions { PublicUrl = new("https://models.example") }),
            TimeProvider.System
        );
    }
}
