using System.Diagnostics;
using DeployCard.Tests.Support;

namespace DeployCard.GraphQL.Tests.Clients;

/// <summary>The scripts of this folder beside the packages that they use.</summary>
internal static class ClientPackages
{
    private static readonly Lazy<Task<string>> Ready = new(() => Task.Run(() => NodePackages.Install("Clients")));

    /// <summary>The folder with scripts and packages.</summary>
    public static Task<string> Folder() => Ready.Value;

    /// <summary>Starts a program of Node.js.</summary>
    public static Process Start(string program, string folder, params string[] arguments) => NodePackages.Start(program, folder, arguments);
}
