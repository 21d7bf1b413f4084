using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace DeployCard.GraphQL.Tests.Playground;

/// <summary>A page in a headless Chromium with a new profile, which records requests and console errors.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private static readonly string[] Arguments =
    [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ];

    private readonly IPlaywright playwright;
    private readonly IBrowserContext context;
    private readonly DirectoryInfo data;

    private Browser(IPlaywright playwright, IBrowserContext context, DirectoryInfo data)
    {
        (this.playwright, this.context, this.data) = (playwright, context, data);
        Page = context.Pages[0];
        context.Request += (_, request) => Requests.Enqueue(request.Url);
        Page.WebSocket += (_, socket) => Requests.Enqueue(socket.Url);
        Page.Console += (_, message) => Remember(message);
        Page.PageError += (_, error) => Complaints.Enqueue(error);
    }

    public IPage Page { get; }

    /// <summary>URLs of all requests of the page, its workers and its sockets.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>Errors and warnings of the console, including violations of the Content-Security-Policy.</summary>
    public ConcurrentQueue<string> Complaints { get; } = new();

    public static async Task<Browser> Open()
    {
        var data = Directory.CreateTempSubdirectory("playground-");
        var playwright = await Playwright.CreateAsync();
        var context = await playwright.Chromium.LaunchPersistentContextAsync(
            data.FullName,
            new()
            {
                ExecutablePath = ChromiumFactAttribute.Path,
                Args = Arguments,
                Headless = true,
                ViewportSize = new() { Width = 1280, Height = 800 },
            }
        );
        context.SetDefaultTimeout(30_000);
        return new(playwright, context, data);
    }

    public async ValueTask DisposeAsync()
    {
        await context.CloseAsync();
        playwright.Dispose();
        data.Delete(recursive: true);
    }

    private void Remember(IConsoleMessage message)
    {
        if (message.Type is "error" or "warning")
            Complaints.Enqueue($"{message.Type}: {message.Text}");
    }
}
