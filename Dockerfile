# docker build -t deploycard/silo:0.1.0 .                   the silo
# docker build -t deploycard/iris:0.1.0 --target iris .     the sample model
# tests/EndToEnd.Tests/Containers runs the steps of this file without Docker, on a copy of only the files that are copied here.
ARG SDK=mcr.microsoft.com/dotnet/sdk:10.0.401-noble
# The chiseled image has no shell, no package manager and no root user.
ARG RUNTIME=mcr.microsoft.com/dotnet/aspnet:10.0.12-noble-chiseled

# A separate layer, so that packages are downloaded again only if a project file has changed.
FROM ${SDK} AS restore
WORKDIR /src
COPY global.json Directory.Build.props Directory.Packages.props BannedSymbols.txt .editorconfig ./
COPY grains/Directory.Build.props grains/
COPY grains/Common/DeployCard.Common.csproj grains/Common/
COPY grains/Contracts/DeployCard.Contracts.csproj grains/Contracts/
COPY grains/Client/DeployCard.Client.csproj grains/Client/
COPY grains/Domain/DeployCard.Domain.csproj grains/Domain/
COPY grains/Storage/DeployCard.Storage.csproj grains/Storage/
COPY grains/LocalProcess/DeployCard.LocalProcess.csproj grains/LocalProcess/
COPY grains/Kubernetes/DeployCard.Kubernetes.csproj grains/Kubernetes/
COPY graphql/DeployCard.GraphQL.csproj graphql/
COPY silo/Gateway/DeployCard.Gateway.csproj silo/Gateway/
COPY silo/Callbacks/DeployCard.Callbacks.csproj silo/Callbacks/
COPY silo/DeployCard.Silo.csproj silo/
RUN dotnet restore silo/DeployCard.Silo.csproj -p:SampleImages=false

# A future web page of deployments will be built in a separate stage before this one.
FROM restore AS build
COPY grains/ grains/
COPY graphql/ graphql/
COPY silo/ silo/
RUN dotnet publish silo/DeployCard.Silo.csproj --configuration Release --no-restore --output /app -p:SampleImages=false -p:UseAppHost=false -p:RunAnalyzers=false

FROM ${SDK} AS build-iris
WORKDIR /src
COPY global.json Directory.Build.props Directory.Packages.props BannedSymbols.txt .editorconfig ./
COPY samples/iris/DeployCard.Samples.Iris.csproj samples/iris/
RUN dotnet restore samples/iris/DeployCard.Samples.Iris.csproj
COPY samples/iris/ samples/iris/
RUN dotnet publish samples/iris/DeployCard.Samples.Iris.csproj --configuration Release --no-restore --output /app -p:RunAnalyzers=false

FROM ${RUNTIME} AS iris
WORKDIR /app
COPY --from=build-iris /app ./
ENV LISTEN=0.0.0.0 DOTNET_EnableDiagnostics=0
USER 1654:1654
EXPOSE 8080
ENTRYPOINT ["dotnet", "Iris.dll"]

FROM ${RUNTIME} AS silo
WORKDIR /app
COPY --from=build /app ./
# The process writes nothing into its file system: diagnostics, which would open a socket in /tmp, are disabled.
# The setting urls replaces ASPNETCORE_HTTP_PORTS of the base image.
ENV urls=http://0.0.0.0:8080 ASPNETCORE_HTTP_PORTS= DOTNET_EnableDiagnostics=0
USER 1654:1654
EXPOSE 8080 8081 9464 11111
STOPSIGNAL SIGTERM
# Docker uses this check; Kubernetes uses HTTP probes instead.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["dotnet", "DeployCard.Silo.dll", "--check-health"]
ENTRYPOINT ["dotnet", "DeployCard.Silo.dll"]
