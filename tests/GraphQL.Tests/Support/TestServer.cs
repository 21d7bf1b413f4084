using System.Net.Http.Headers;
using System.Net.WebSockets;
using DeployCard.Contracts.Access;
using DeployCard.GraphQL.Engine.Execution;
using DeployCard.GraphQL.Engine.Hosting;
using DeployCard.GraphQL.Engine.Schemas;
using DeployCard.GraphQL.Tests.Schema;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace DeployCard.GraphQL.Tests.Support;

/// <summary>The GraphQL endpoint on a real server with the test schema.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly WebApplication app;

    private TestServer(WebApplication app)
    {
        this.app = app;
        Address = new(app.Urls.First());
        Http = new HttpClient { BaseAddress = Address };
        Http.DefaultRequestHeaders.Authorization = new("Bearer", TestAuthenticator.Token);
    }

    public Uri Address { get; }

    /// <summary>HTTP client that sends a valid token.</summary>
    public HttpClient Http { get; }

    public Streams Streams => app.Services.GetRequiredService<Streams>();

    public Batches Batches => app.Services.GetRequiredService<Batches>();

    public int OpenSubscriptions => app.Services.GetRequiredService<SubscriptionLimiter>().Count;

    public CapturedLogs Logs => app.Services.GetRequiredService<CapturedLogs>();

    public FakeTimeProvider Time => (FakeTimeProvider)app.Services.GetRequiredService<TimeProvider>();

    public ISchemaPrinter Printer => app.Services.GetRequiredService<ISchemaPrinter>();

    public static async Task<TestServer> Start(
        Action<GraphQLOptions>? configure = null,
        bool fakeTime = false,
        bool open = false,
        int port = 0
    )
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<CapturedLogs>();
        builder.Services.AddSingleton<ILoggerProvider>(provider => provider.GetRequiredService<CapturedLogs>());
        if (fakeTime)
            builder.Services.AddSingleton<TimeProvider>(new FakeTimeProvider());
        builder.Services.AddSingleton<ICallerAuthenticator>(new TestAuthenticator(open));
        builder.Services.AddSingleton<Streams>().AddSingleton<Batches>();
        builder.Services.AddDeployCardGraphQL(typeof(TestServer).Assembly);
        if (configure is not null)
            builder.Services.Configure(configure);
        var app = builder.Build();
        app.MapDeployCardGraphQL("/graphql");
        await app.StartAsync();
        return new(app);
    }

    public Task<HttpResponseMessage> Post(string query, string? accept = null, object? variables = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/graphql") { Content = Json.Body(new { query, variables }) };
        if (accept is not null)
            request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse(accept));
        return Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }

    public async Task<JsonResponse> Execute(string query, object? variables = null) =>
        await JsonResponse.Read(await Post(query, variables: variables));

    public Task<HttpResponseMessage> Get(string query, string? accept = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/graphql?query=" + Uri.EscapeDataString(query));
        if (accept is not null)
            request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse(accept));
        return Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }

    public async Task<TestSocket> Connect(string? protocol = "graphql-transport-ws", string? authorization = null, string? origin = null)
    {
        var socket = new ClientWebSocket();
        if (protocol is not null)
            socket.Options.AddSubProtocol(protocol);
        if (authorization is not null)
            socket.Options.SetRequestHeader("Authorization", authorization);
        if (origin is not null)
            socket.Options.SetRequestHeader("Origin", origin);
        await socket.ConnectAsync(new UriBuilder(Address) { Scheme = "ws", Path = "/graphql" }.Uri, TestContext.Current.CancellationToken);
        return new(socket);
    }

    /// <summary>Opens a WebSocket and completes its initialization.</summary>
    public async Task<TestSocket> ConnectAndInitialize()
    {
        var socket = await Connect();
        await socket.Send(new { type = "connection_init", payload = new { authorization = "Bearer " + TestAuthenticator.Token } });
        (await socket.Receive()).Type.ShouldBe("connection_ack");
        return socket;
    }

    public Task Stop() => app.StopAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await app.DisposeAsync();
    }
}
