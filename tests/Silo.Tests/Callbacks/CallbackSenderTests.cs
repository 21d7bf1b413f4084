using System.Collections.Concurrent;
using System.Diagnostics;
using DeployCard.Grains.Callbacks;
using DeployCard.GraphQL;
using DeployCard.Silo.Callbacks;
using DeployCard.Silo.Tests.Gateway;
using DeployCard.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace DeployCard.Silo.Tests.Callbacks;

/// <summary>Callbacks over real sockets to a real receiver.</summary>
public sealed class CallbackSenderTests : IAsyncLifetime
{
    private static readonly WebhookSecretFactory Secrets = new([.. Enumerable.Repeat((byte)7, 32)]);

    private readonly ConcurrentQueue<(string Path, Dictionary<string, string> Headers, byte[] Body)> seen = [];
    private readonly List<IDisposable> made = [];
    private RequestDelegate answer = _ => Task.CompletedTask;
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
                    seen.Enqueue(
                        (
                            context.Request.Path,
                            context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase),
                            body.ToArray()
                        )
                    );
                    await answer(context);
                })
        );

    public async ValueTask DisposeAsync()
    {
        made.ForEach(disposable => disposable.Dispose());
        await receiver!.DisposeAsync();
    }

    [Fact]
    public async Task It_is_signed_with_each_valid_secret_at_the_time_of_the_delivery()
    {
        var message = Calls.Completed(Hook()) with { SecretIds = ["a", "b"] };

        (await Send(message)).ShouldBe(CallbackAnswer.Answered(200));

        var (path, headers, body) = seen.ShouldHaveSingleItem();
        path.ShouldBe("/hook");
        headers["webhook-id"].ShouldBe($"{Calls.Id}-1");
        headers["webhook-signature"]
            .ShouldBe(
                WebhookSignature.Of(
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
        body.ShouldBe(await CallbackPayload.Of(message, new("https://models.example"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Nothing_of_the_silos_own_goes_along()
    {
        using var activity = new Activity("request").SetIdFormat(ActivityIdFormat.W3C).AddBaggage("tenant", "secret").Start();
        answer = context =>
        {
            context.Response.Headers.SetCookie = "a=b; Path=/";
            return Task.CompletedTask;
        };
        var sender = Sender();
        await sender.Send(Calls.Completed(Hook()), Cancellation);
        await sender.Send(Calls.Completed(Hook()), Cancellation);

        seen.Count.ShouldBe(2);
        seen.ShouldAllBe(request =>
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
    public async Task A_redirect_is_not_followed(int status)
    {
        answer = context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = "/elsewhere";
            return Task.CompletedTask;
        };

        var told = await Send(Calls.Completed(Hook()));

        told.StatusCode.ShouldBe(status);
        told.Error.ShouldNotBeNull().ShouldContain("not followed");
        seen.ShouldHaveSingleItem().Path.ShouldBe("/hook");
    }

    [Fact]
    public async Task What_a_receiver_says_of_a_later_time_is_read_in_both_forms()
    {
        answer = context =>
        {
            context.Response.StatusCode = 503;
            context.Response.Headers.RetryAfter =
                context.Request.Path == "/date" ? TimeProvider.System.GetUtcNow().AddHours(1).ToString("R") : "120";
            return context.Response.WriteAsync("not now");
        };

        (await Send(Calls.Completed(Hook()))).ShouldBe(CallbackAnswer.Answered(503, "not now", TimeSpan.FromMinutes(2)));
        (await Send(Calls.Completed(Hook("date")))).RetryAfter.ShouldNotBeNull().ShouldBe(TimeSpan.FromHours(1), TimeSpan.FromMinutes(1));
    }

    [Theory]
    [InlineData("soon")]
    [InlineData("-5")]
    [InlineData("Tue, 01 Jan 1980 00:00:00 GMT")]
    [InlineData("99999999999999999999")]
    public async Task Nonsense_about_a_later_time_does_no_harm(string retryAfter)
    {
        answer = context =>
        {
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = retryAfter;
            return Task.CompletedTask;
        };

        var told = await Send(Calls.Completed(Hook()));

        told.StatusCode.ShouldBe(429);
        (told.RetryAfter ?? TimeSpan.Zero).ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public async Task A_receiver_that_is_silent_fails_when_the_time_is_over()
    {
        answer = context => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);

        (await Send(Calls.Completed(Hook()), options => options.Timeout = TimeSpan.FromSeconds(1))).ShouldBe(
            CallbackAnswer.Failed("No answer within 1 s.")
        );
    }

    [Fact]
    public async Task An_answer_that_has_begun_counts_though_its_body_never_ends()
    {
        answer = async context =>
        {
            await context.Response.WriteAsync("thanks");
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        };

        (await Send(Calls.Completed(Hook()), options => options.Timeout = TimeSpan.FromSeconds(1))).ShouldBe(
            CallbackAnswer.Answered(200, "thanks")
        );
    }

    [Fact]
    public async Task Of_an_endless_answer_little_is_read()
    {
        var written = 0L;
        var ended = new TaskCompletionSource();
        answer = async context =>
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
                // The sender has heard enough.
            }

            ended.TrySetResult();
        };

        var told = await Send(Calls.Completed(Hook()));

        told.StatusCode.ShouldBe(200);
        told.Excerpt.ShouldNotBeNull().Length.ShouldBe(1024);
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Cancellation);
        // Not to its end: what the sockets hold on both sides is written, too, and what the server drops until it is told that nobody listens.
        Interlocked.Read(ref written).ShouldBeLessThan(512 << 20);
    }

    [Fact]
    public async Task Endless_header_fields_fail()
    {
        answer = context =>
        {
            context.Response.Headers["X-Long"] = new string('x', 30_000);
            return Task.CompletedTask;
        };

        (await Send(Calls.Completed(Hook()))).Error.ShouldNotBeNull();
    }

    [Fact]
    public async Task Without_the_setting_loopback_is_refused_by_address_and_by_any_name_that_leads_there()
    {
        foreach (var host in new[] { "127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "[::]" })
        {
            var told = await Send(
                Calls.Completed(new($"http://{host}:{receiver!.Address().Port}/hook")),
                options => options.AllowedNetworks.Clear()
            );
            told.Error.ShouldNotBeNull(host).ShouldContain("is not allowed", Case.Sensitive, host);
            told.StatusCode.ShouldBeNull();
        }

        seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_host_that_the_settings_name_is_reached_whatever_its_address_is()
    {
        var told = await Send(
            Calls.Completed(new($"http://localhost:{receiver!.Address().Port}/hook")),
            options =>
            {
                options.AllowedNetworks.Clear();
                options.AllowedHosts.Add("localhost");
            }
        );

        told.StatusCode.ShouldBe(200);
    }

    [Fact]
    public async Task Why_a_receiver_cannot_be_reached_is_told_in_a_sentence()
    {
        (await Send(Calls.Completed(new($"http://127.0.0.1:{TestPorts.Free()}/"))))
            .Error.ShouldNotBeNull()
            .ShouldStartWith("The host could not be reached");
        (await Send(Calls.Completed(new("http://nobody.invalid/")))).Error.ShouldNotBeNull().ShouldContain("name of the host");
        (await Send(Calls.Completed(new($"https://127.0.0.1:{receiver!.Address().Port}/"))))
            .Error.ShouldNotBeNull()
            .ShouldContain("No secure connection");
    }

    [Fact]
    public async Task Who_is_cancelled_throws()
    {
        answer = context => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        using var stop = new CancellationTokenSource();
        var sending = Sender().Send(Calls.Completed(Hook()), stop.Token);
        while (seen.IsEmpty)
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Cancellation);

        await stop.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(sending);
    }

    private Uri Hook(string path = "hook") => new(receiver!.Address(), path);

    private Task<CallbackAnswer> Send(CallbackMessage message, Action<CallbackOptions>? configure = null) =>
        Sender(configure).Send(message, Cancellation);

    private CallbackSender Sender(Action<CallbackOptions>? configure = null)
    {
        var options = new CallbackOptions { AllowedNetworks = { "127.0.0.0/8" } };
        configure?.Invoke(options);
        var client = new CallbackClient(new(Options.Create(options)), Options.Create(options), NullLogger<CallbackClient>.Instance);
        made.Add(client);
        return new(
            client,
            Secrets,
            Options.Create(options),
            Options.Create(new CardOptions { PublicUrl = new("https://models.example") }),
            TimeProvider.System
        );
    }
}
