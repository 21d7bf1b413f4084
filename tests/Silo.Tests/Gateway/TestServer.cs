using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DeployCard.Silo.Tests.Gateway;

/// <summary>A small real server on a free port.</summary>
internal static class TestServer
{
    public static async Task<WebApplication> Start(Action<IServiceCollection> register, Action<WebApplication> handle)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        register(builder.Services);
        var app = builder.Build();
        handle(app);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }

    public static Uri Address(this WebApplication app) => new(app.Urls.Single());
}
