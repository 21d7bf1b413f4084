using DeployCard.Contracts.Deployments;
using DeployCard.Silo.Access;
using Microsoft.Extensions.Options;

namespace DeployCard.Silo.Hosting;

/// <summary>
/// Prints the addresses of the silo when it has started. If this start created an administrator token, also prints the token and a command
/// that deploys a first model.
/// </summary>
internal sealed class Banner(IOptions<CardOptions> card, AdministratorAccess access, Installation installation, TextWriter output)
    : IHostedLifecycleService
{
    // Part of a JSON string inside a shell command, so its quotes are escaped.
    private const string FirstMutation =
        """mutation { createDeployment(input: {name: \"iris\", image: \"iris\"}) { deployment { name status url } errors { message } } }""";

    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        var url = card.Value.PublicUrl.ToString().TrimEnd('/');
        await output.WriteLineAsync(
            $"""

            DeployCard is ready.
              playground and GraphQL  {url}/graphql
              predictions             {url}/predict/<deployment>/<path>
              health                  {url}/health/ready
              data                    {installation.DataLocation}
            """
        );
        if (access.ConsumeNewToken() is { } token)
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
            It is shown only once (--new-admin-token replaces it). Deploy a first model:

            export TOKEN={{token}}
            curl -s {{url}}/graphql -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \
              -d '{"query":"{{FirstMutation}}"}'

            """;
}

internal static class BannerServiceCollectionExtensions
{
    public static void AddBanner(this IServiceCollection services) =>
        services.AddHostedService(s => ActivatorUtilities.CreateInstance<Banner>(s, Console.Out));
}
