using System.Diagnostics;
using DeployCard.Tests.Support;

namespace DeployCard.GraphQL.Tests.Clients;

/// <summary>Installs the scripts of this folder together with the packages that they use.</summary>
internal static class ClientPackages
{
    private static readonly Lazy<Task<string>> Ready = new(() => Task.Run(() => NodePackages.Install("Clients")));

    /// <summary>Returns the folder with scripts and packages.</summary>
    public static Task<string> GetFolder() => Ready.Value;

    /// <summary>Starts a Node.js program in the folder.</summary>
    public static Process Start(string program, string folder, params string[] arguments) => NodePackages.Start(program, folder, arguments);
}
