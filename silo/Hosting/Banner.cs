using DeployCard.GraphQL;
using DeployCard.Silo.Access;
using Microsoft.Extensions.Options;

namespace DeployCard.Silo.Hosting;

/// <summary>What a person sees who starts the silo: where it is, and at the first start the token and a first command.</summary>
internal sealed class Banner(IOptions<CardOptions> card, AdministratorAccess access, Installation installation, TextWriter output)
    : IHostedLifecycleService
{
    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        var url = card.Value.PublicUrl.ToString().TrimEnd('/');
        await output.WriteLineAsync(
            $"""

            DeployCard is ready.
              playground and GraphQL  {url}/graphql
              predictions             {url}/predict/<deployment>/<path>
              health                  {url}/health/ready
              data                    {installation.Data}
            """
        );
        if (access.TakeNewToken() is { } token)
            await output.WriteLineAsync(FirstSteps(url, token));
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static string FirstSteps(string url, string token) =>
        $$"""

              administrator token     {{token}}
            It is shown this once (--new-admin-token makes another). Deploy a first model:

            export TOKEN={{token}}
            curl -s {{url}}/graphql -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \
              -d '{"query":"mutation { createDeployment(input: {name: \"iris\", image: \"iris\"}) { deployment { name status url } errors { message } } }"}'

            """;
}

internal static class BannerServices
{
    public static void AddBanner(this IServiceCollection services) =>
        services.AddHostedService(s => ActivatorUtilities.CreateInstance<Banner>(s, Console.Out));
}
