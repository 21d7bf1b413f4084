namespace DeployCard.Silo.Hosting;

internal static class StartPageExtensions
{
    /// <summary>Redirects <c>/</c> to the playground, for users who open the address of the silo in a browser.</summary>
    public static void MapStartPage(this WebApplication app) => app.MapGet("/", () => Results.Redirect("/graphql"));
}
