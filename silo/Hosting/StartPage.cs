namespace DeployCard.Silo.Hosting;

internal static class StartPage
{
    /// <summary>Who opens the bare address in a browser gets to the playground.</summary>
    public static void MapStartPage(this WebApplication app) => app.MapGet("/", () => Results.Redirect("/graphql"));
}
